package integration

import (
	"bufio"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A journal keeps the lines of one stream and wakes those that wait for one.
type journal struct {
	mu     sync.Mutex
	lines  []string      // guarded by mu
	closed bool          // guarded by mu; the stream has ended
	grown  chan struct{} // guarded by mu; closed and replaced when a line comes or the stream ends
}

func newJournal() *journal { return &journal{grown: make(chan struct{})} }

// follow takes in the stream until its end.
func (j *journal) follow(stream io.Reader) {
	reader := bufio.NewReader(stream)
	for {
		line, err := reader.ReadString('\n')
		j.mu.Lock()
		if line != "" {
			j.lines = append(j.lines, strings.TrimRight(line, "\r\n"))
		}
		j.closed = err != nil
		close(j.grown)
		j.grown = make(chan struct{})
		j.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// since returns the lines from number from on, whether the stream has ended, and what closes at the next change.
func (j *journal) since(from int) (lines []string, closed bool, grown <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines[min(from, len(j.lines)):], j.closed, j.grown
}

func (j *journal) String() string {
	lines, _, _ := j.since(0)
	return strings.Join(lines, "\n")
}

// wait returns the first line from number from on that matches, or false when the stream ends or the time is over.
func (j *journal) wait(pattern *regexp.Regexp, from int, limit time.Duration) (line string, ok bool) {
	return j.waitFor(pattern.MatchString, from, limit)
}

func (j *journal) waitFor(matches func(line string) bool, from int, limit time.Duration) (line string, ok bool) {
	deadline := time.After(limit)
	for {
		lines, closed, grown := j.since(from)
		for _, line := range lines {
			if matches(line) {
				return line, true
			}
		}
		from += len(lines)
		if closed {
			return "", false
		}
		select {
		case <-grown:
		case <-deadline:
			return "", false
		}
	}
}

// whole returns all lines once the stream has ended, which is a little after the processes that wrote to it; those
// so far when the time is over.
func (j *journal) whole(limit time.Duration) []string {
	j.waitFor(func(string) bool { return false }, 0, limit)
	lines, _, _ := j.since(0)
	return lines
}
