package cluster

import (
	"bufio"
	"io"
	"regexp"
	"strings"
	"sync"
	"time"
)

// A Journal keeps the lines of one stream and wakes those that wait for one.
type Journal struct {
	mu     sync.Mutex
	lines  []string      // guarded by mu
	closed bool          // guarded by mu; the stream has ended
	grown  chan struct{} // guarded by mu; closed and replaced when a line comes or the stream ends
}

// NewJournal returns an empty journal; see Follow.
func NewJournal() *Journal { return &Journal{grown: make(chan struct{})} }

// Follow reads the stream to its end.
func (j *Journal) Follow(stream io.Reader) {
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

// Since returns the lines from index from on, whether the stream has ended, and a channel that closes at the next
// change.
func (j *Journal) Since(from int) (lines []string, closed bool, grown <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.lines[min(from, len(j.lines)):], j.closed, j.grown
}

func (j *Journal) String() string {
	lines, _, _ := j.Since(0)
	return strings.Join(lines, "\n")
}

// Wait returns the first line from index from on that matches, or false when the stream has ended or time is up.
func (j *Journal) Wait(pattern *regexp.Regexp, from int, limit time.Duration) (line string, ok bool) {
	return j.WaitFor(pattern.MatchString, from, limit)
}

// WaitFor is Wait with a function in place of a pattern.
func (j *Journal) WaitFor(matches func(line string) bool, from int, limit time.Duration) (line string, ok bool) {
	deadline := time.After(limit)
	for {
		lines, closed, grown := j.Since(from)
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

// Whole returns all lines once the stream has ended, which is a little after the processes that wrote to it, or the
// lines so far when time is up.
func (j *Journal) Whole(limit time.Duration) []string {
	j.WaitFor(func(string) bool { return false }, 0, limit)
	lines, _, _ := j.Since(0)
	return lines
}
