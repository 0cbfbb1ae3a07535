package logging

import (
	"bytes"
	"context"
	"slices"
	"strings"
)

// maxRecent is how many lines about workers are remembered, of all workers together.
const maxRecent = 1000

// recent is a ring of the last lines about workers. They are kept as they came: nothing is written out until somebody
// asks.
type recent struct {
	lines []line
	next  int // where the next one goes, once there are maxRecent
}

func (r *recent) add(entry line) {
	if len(r.lines) < maxRecent {
		r.lines = append(r.lines, entry)
		return
	}
	r.lines[r.next] = entry
	r.next = (r.next + 1) % maxRecent
}

// of are the lines about a worker, oldest first.
func (r *recent) of(worker string) (found []line) {
	for i := range r.lines {
		if entry := r.lines[(r.next+i)%len(r.lines)]; entry.fields.Worker == worker {
			found = append(found, entry)
		}
	}
	return found
}

// Recent are the last lines about the worker with an id, oldest first, as they stand in the log on a screen. Those that
// are below the level or were omitted are not among them.
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

// Workers are those that lines are remembered of, by the last one of each, the newest last. Some have ended.
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
