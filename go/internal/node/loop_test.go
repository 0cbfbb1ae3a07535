package node

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/spares"
)

// patience is only waited for in a failing test.
const patience = 20 * time.Second

func (n *node) awaitLoop(t *testing.T) {
	t.Helper()
	select {
	case <-n.closed:
	case <-time.After(patience):
		t.Fatal("the loop has not ended")
	}
}

// A signal must not be lost before there is anything to stop, nor while the node begins.
func TestSignalBeforeTheStart(t *testing.T) {
	n := newTestNode(t, &config.Config{Mode: "fixed", MaxTaskConcurrency: 3})
	n.signals.received <- syscall.SIGTERM
	go n.loop()
	n.do(func() { n.begin(n.workContext, discovery{}) })
	n.awaitLoop(t)
	if n.err != nil {
		t.Errorf("ended with %v", n.err)
	}
	// Calls after the end do not block.
	n.handle(pool.SetDesired{Count: 1})
	if s := n.snapshot(); s != (pool.Snapshot{}) {
		t.Errorf("%+v", s)
	}
}

func TestFirstErrorCounts(t *testing.T) {
	n := newTestNode(t, &config.Config{})
	first := errors.New("first")
	go n.loop()
	n.do(func() { n.finish(first, pool.Stop{}) })
	n.do(func() { n.finish(errors.New("second"), pool.Kill{}) })
	n.awaitLoop(t)
	if !errors.Is(n.err, first) {
		t.Errorf("ended with %v", n.err)
	}
}

func TestProcessors(t *testing.T) {
	p := processors{}
	p.update(protocol.Parent{Worker: 3, Pid: 30})
	for _, step := range []struct {
		pid   int
		state string
		want  int
	}{
		{31, "started", 0}, {31, "suspended", 1}, {32, "started", 1}, {32, "suspended", 2}, {31, "resumed", 1},
		{32, "ended", 0},
	} {
		p.update(protocol.Processor{Worker: 3, Pid: step.pid, State: step.state})
		if got := len(p[3].suspendedPids()); got != step.want {
			t.Errorf("after %d %s: %d are suspended, want %d", step.pid, step.state, got, step.want)
		}
	}
	p.update(protocol.Processor{Worker: 4, Pid: 41, State: "suspended"}) // a spawned worker
	if p[3].parent != 30 || p[4].parent != 0 || len(p[4].suspendedPids()) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestStatus(t *testing.T) {
	s := status{Snapshot: pool.Snapshot{Desired: 3, Registered: 2, Draining: 1}}
	const workers = "2 of 3 workers registered, 1 draining, 0 stopping"
	if got := s.String(); got != workers {
		t.Errorf("got %q", got)
	}
	for _, test := range []struct {
		phase string
		until time.Time
		want  string
	}{
		{state.Draining, time.Time{}, "draining: " + workers},
		{state.Draining, time.Date(2000, 1, 1, 12, 30, 5, 0, time.Local), "draining until 12:30:05: " + workers},
		{state.Drained, time.Now(), "drained: " + workers},
	} {
		s.phase, s.until = test.phase, test.until
		if got := s.String(); got != test.want {
			t.Errorf("got %q", got)
		}
	}
	s.phase = state.Serving
	s.Spares = agents.Spares{Waiting: []spares.Spare{{Worker: 1, Pid: 11}}, Bytes: 3 << 20}
	if got, want := s.String(), workers+", spare processors: 1 (3 MiB)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
