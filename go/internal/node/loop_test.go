package node

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/spares"
)

// patience is what only a failure waits for.
const patience = 20 * time.Second

func (n *node) awaitLoop(t *testing.T) {
	t.Helper()
	select {
	case <-n.closed:
	case <-time.After(patience):
		t.Fatal("the loop does not end")
	}
}

// A signal that comes before there is anything to stop must not be lost: not before, and not while the node begins.
func TestSignalBeforeTheStart(t *testing.T) {
	n := newTestNode(t, &config.Config{Mode: "fixed", MaxTaskConcurrency: 3})
	n.signals.received <- syscall.SIGTERM
	go n.loop()
	n.do(func() { n.begin(n.working, discovery{}) })
	n.awaitLoop(t)
	if n.err != nil {
		t.Errorf("ended with %v", n.err)
	}
	// What comes after the end holds nobody up.
	n.handle(pool.SetDesired{Count: 1})
	if s := n.snapshot(); s != (pool.Snapshot{}) {
		t.Errorf("%+v", s)
	}
}

func TestSecondSignalKills(t *testing.T) {
	n := newTestNode(t, &config.Config{MaxTaskConcurrency: 1, StopTimeoutSeconds: 3600})
	n.host = nil
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	child, err := n.children.Start([]string{"/bin/sh", "-c", "trap '' INT TERM; echo; while :; do sleep 1000; done"}, nil, []*os.File{null, write})
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.Read(make([]byte, 1)); err != nil { // from here on it ignores the signals
		t.Fatal(err)
	}
	go n.loop()
	n.do(func() {
		for _, effect := range n.pool.Handle(time.Now(), pool.HostReady{}) {
			n.execute(effect)
		}
		n.pool.Handle(time.Now(), pool.SetDesired{Count: 1}) // its Start goes to nobody
		n.apply(pool.Started{Worker: 1, Pid: child.Pid, Identity: "NAT|1"})
	})
	n.signals.received <- syscall.SIGTERM
	n.signals.received <- syscall.SIGHUP // the same request
	for len(n.signals.received) > 0 {
		time.Sleep(time.Millisecond)
	}
	for stopping := 0; stopping == 0; {
		stopping = ask(n, func() int {
			n.signals.asked = time.Time{} // long ago
			return n.pool.Snapshot().Stopping
		})
	}
	select {
	case <-child.Done():
		t.Fatal("it was killed at once")
	default:
	}
	n.signals.received <- syscall.SIGINT
	// It has become the manager's child, as workers of a dead host do.
	n.awaitLoop(t)
	if how := child.Status(); how.Signal() != syscall.SIGKILL {
		t.Errorf("it ended by %v", how)
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
	p.note(protocol.Parent{Worker: 3, Pid: 30})
	for _, step := range []struct {
		pid   int
		state string
		want  int
	}{{31, "started", 0}, {31, "suspended", 1}, {32, "started", 1}, {32, "suspended", 2}, {31, "resumed", 1}, {32, "ended", 0}} {
		p.note(protocol.Processor{Worker: 3, Pid: step.pid, State: step.state})
		if got := len(p[3].suspendedPids()); got != step.want {
			t.Errorf("after %d %s: %d are suspended, want %d", step.pid, step.state, got, step.want)
		}
	}
	p.note(protocol.Processor{Worker: 4, Pid: 41, State: "suspended"}) // a worker that was spawned
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
	s.Spares = agents.Spares{Waiting: []spares.Spare{{Worker: 1, Pid: 11}}, Bytes: 3 << 20}
	if got, want := s.String(), workers+", spare processors: 1 (3 MiB)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
