package cluster

import (
	"encoding/json"
	"testing"
	"time"
)

// A Monitor follows what a scheduler publishes, with clients/monitor.py. Only one goroutine may use it.
type Monitor struct {
	process *Process
	read    int // lines of the journal that state holds
	State   State
}

// A State is what the scheduler has said so far.
type State struct {
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

// take may get a line twice: the subscribers of 1.x connect twice and get everything twice.
func (s *State) take(line string) {
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

// Wait waits until the state satisfies a condition, and fails the test after limit.
func (m *Monitor) Wait(t testing.TB, what string, limit time.Duration, satisfied func(s *State) bool) {
	t.Helper()
	started := time.Now()
	deadline := time.After(limit)
	m.Drain() // what was before the wait is history, and counts only by the state that it has led to
	for {
		if satisfied(&m.State) {
			t.Logf("%s after %.1f s", what, time.Since(started).Seconds())
			return
		}
		lines, closed, grown := m.process.Answers.Since(m.read)
		if len(lines) > 0 {
			// One by one: the state may satisfy the condition only briefly, and later lines are for the next wait.
			m.read++
			m.State.take(lines[0])
			continue
		}
		if closed {
			t.Fatalf("the monitor has ended while waiting: %s", what)
		}
		select {
		case <-grown:
		case <-deadline:
			t.Fatalf("not within %v: %s; the state of the scheduler: %+v", limit, what, m.State)
		}
	}
}

// Drain takes what has come, without waiting.
func (m *Monitor) Drain() {
	lines, _, _ := m.process.Answers.Since(m.read)
	m.read += len(lines)
	for _, line := range lines {
		m.State.take(line)
	}
}

// WaitWorkers waits until there are exactly count connected workers.
func (m *Monitor) WaitWorkers(t testing.TB, what string, count int) {
	t.Helper()
	m.Wait(t, what, ConnectTimeout, func(s *State) bool { return len(s.Connected) == count })
}
