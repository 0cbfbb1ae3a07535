package integration

import (
	"encoding/json"
	"testing"
	"time"
)

// A monitor follows what a scheduler publishes, by clients/monitor.py. It serves one goroutine.
type monitor struct {
	process *process
	read    int // lines of the journal that state holds
	state   state
}

// A state is what the scheduler has said so far.
type state struct {
	Connected map[string]map[string]int // workers with their capabilities; prompt
	Ever      map[string]bool           // workers that have connected so far
	Peak      int                       // most workers connected at a time
	Reports   int                       // reports of the scheduler so far, about one a second
	Managers  map[string][]string       // workers by manager id, of the last report
	Workers   []string                  // of the last report
}

type publication struct {
	Worker       string              `json:"worker"`
	Connected    bool                `json:"connected"`
	Capabilities map[string]int      `json:"capabilities"`
	Workers      []string            `json:"workers"`
	Managers     map[string][]string `json:"managers"`
}

// take is right for a line that comes twice: the subscribers of 1.x connect twice and get everything twice.
func (s *state) take(line string) {
	var p publication
	if json.Unmarshal([]byte(line), &p) != nil {
		return
	}
	switch {
	case p.Worker == "":
		s.Workers, s.Managers = p.Workers, p.Managers
		s.Reports++
	case p.Connected:
		s.Connected[p.Worker] = p.Capabilities
		s.Ever[p.Worker] = true
		s.Peak = max(s.Peak, len(s.Connected))
	default:
		delete(s.Connected, p.Worker)
	}
}

// wait returns when the state satisfies a condition, and fails the test when that takes longer than limit.
func (m *monitor) wait(t testing.TB, what string, limit time.Duration, satisfied func(s *state) bool) {
	t.Helper()
	started := time.Now()
	deadline := time.After(limit)
	m.drain() // what was before the wait is history, and counts only by the state that it has led to
	for {
		if satisfied(&m.state) {
			t.Logf("%s after %.1f s", what, time.Since(started).Seconds())
			return
		}
		lines, closed, grown := m.process.answers.since(m.read)
		if len(lines) > 0 {
			// One by one: a state that is waited for may be a passing one, and what comes after it is for the next wait.
			m.read++
			m.state.take(lines[0])
			continue
		}
		if closed {
			t.Fatalf("the monitor has ended while waiting: %s", what)
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("waited %v in vain: %s; the scheduler's state: %+v", limit, what, m.state)
		}
	}
}

// drain takes in what has come without waiting.
func (m *monitor) drain() {
	lines, _, _ := m.process.answers.since(m.read)
	m.read += len(lines)
	for _, line := range lines {
		m.state.take(line)
	}
}

// waitWorkers waits for exactly count connected workers.
func (m *monitor) waitWorkers(t testing.TB, what string, count int) {
	t.Helper()
	m.wait(t, what, connectTimeout, func(s *state) bool { return len(s.Connected) == count })
}
