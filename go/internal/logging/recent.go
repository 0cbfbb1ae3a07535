package logging

import (
	"bytes"
	"context"
	"slices"
	"strings"
)

// maxRecent is the number of lines that are kept, of all workers together.
const maxRecent = 1000

// recent is a ring buffer of the last lines about workers. They are not formatted until they are requested.
type recent struct {
	lines []line
	next  int // index of the oldest line once the ring is full
}

func (r *recent) add(entry line) {
	if len(r.lines) < maxRecent {
		r.lines = append(r.lines, entry)
		return
	}
	r.lines[r.next] = entry
	r.next = (r.next + 1) % maxRecent
}

// of returns the lines about a worker, oldest first.
func (r *recent) of(worker string) (found []line) {
	for i := range r.lines {
		if entry := r.lines[(r.next+i)%len(r.lines)]; entry.fields.Worker == worker {
			found = append(found, entry)
		}
	}
	return found
}

// Recent returns the last lines about a worker, oldest first, in the format for standard output. Lines below the level
// and omitted ones are not among them.
func (l *Logger) Recent(worker string) []string {
	l.mu.Lock()
	found, format := l.recent.of(worker), l.format
	l.mu.Unlock()
	if format == nil {
		format = Plain.handler
	}
	var text bytes.Buffer
	handler := format(&text, false)
	lines := make([]string, 0, len(found))
	for _, entry := range found {
		_ = handler.Handle(context.Background(), entry.record())
		lines = append(lines, strings.TrimSuffix(text.String(), "\n"))
		text.Reset()
	}
	return lines
}

// Workers returns the workers that Recent has lines of, the one with the newest line last. Some may have ended.
func (l *Logger) Workers() []Fields {
	l.mu.Lock()
	defer l.mu.Unlock()
	seen := map[string]bool{}
	var found []Fields
	for i := len(l.recent.lines) - 1; i >= 0; i-- {
		about := l.recent.lines[(l.recent.next+i)%len(l.recent.lines)].fields
		if !seen[about.Worker] {
			seen[about.Worker] = true
			found = append(found, Fields{Worker: about.Worker, Pid: about.Pid})
		}
	}
	slices.Reverse(found)
	return found
}
