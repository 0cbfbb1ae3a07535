package node

import (
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// newBusyNode returns a node whose loop runs, with a worker that has tasks and ignores SIGINT and SIGTERM.
func newBusyNode(t *testing.T, c *config.Config) (*node, *process.Child) {
	t.Helper()
	c.MaxTaskConcurrency, c.StopTimeoutSeconds, c.DrainTimeoutSeconds = 1, 3600, 3600
	n := newTestNode(t, c)
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
	command := []string{"/bin/sh", "-c", "trap '' INT TERM; echo; while :; do sleep 1000; done"}
	child, err := n.children.Start(command, nil, []*os.File{null, write})
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read.Read(make([]byte, 1)); err != nil { // from now on it ignores the signals
		t.Fatal(err)
	}
	go n.loop()
	n.do(func() {
		n.pool.Handle(time.Now(), pool.HostReady{})
		n.pool.Handle(time.Now(), pool.SetDesired{Count: 1}) // there is no host to receive the Start
		n.apply(pool.Started{Worker: 1, Pid: child.Pid, Identity: "NAT|1"})
		n.apply(pool.Registered{Worker: 1})
		n.apply(pool.Busy{Worker: 1})
	})
	return n, child
}

// await waits for a phase, and makes the last signal look old.
func (n *node) await(t *testing.T, phase string) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		now := ask(n, func() string {
			n.signals.askedAt = time.Time{}
			return n.phase()
		})
		if now == phase {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the manager is %s, and not %s", now, phase)
		}
	}
}

func TestSignals(t *testing.T) {
	const seconds = 3600
	tests := []struct {
		name    string
		drain   float64
		signals []syscall.Signal // the last one kills
		phases  []string
	}{
		{"the second one kills", 0, []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}, []string{state.Stopping}},
		{"the first one drains", seconds, []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGTERM},
			[]string{state.Draining, state.Stopping}},
		{"Ctrl-C is in a hurry", seconds, []syscall.Signal{syscall.SIGINT, syscall.SIGINT}, []string{state.Stopping}},
		{"Ctrl-C while it drains, under a program that says it again", seconds,
			[]syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGTERM, syscall.SIGTERM},
			[]string{state.Draining, state.Stopping, state.Stopping}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			n, child := newBusyNode(t, &config.Config{DrainOnTerminateSeconds: test.drain})
			for i, signal := range test.signals {
				n.signals.received <- signal
				n.signals.received <- syscall.SIGHUP // counts as the same request
				if i == len(test.phases) {
					break
				}
				for len(n.signals.received) > 0 {
					time.Sleep(time.Millisecond)
				}
				n.await(t, test.phases[i])
				select {
				case <-child.Done():
					t.Fatalf("killed by signal %d, %s", i, signal)
				default:
				}
			}
			// The worker is a child of the manager, like those of a dead host.
			n.awaitLoop(t)
			if how := child.Status(); how.Signal() != syscall.SIGKILL {
				t.Errorf("it ended with %v", how)
			}
			if n.err != nil {
				t.Errorf("ended with %v", n.err)
			}
		})
	}
}

// Without tasks the manager ends at once.
func TestDrainOnTerminateWithoutWorkers(t *testing.T) {
	n := newTestNode(t, &config.Config{DrainOnTerminateSeconds: 3600})
	n.signals.received <- syscall.SIGTERM
	go n.loop()
	n.awaitLoop(t)
	if n.err != nil {
		t.Errorf("ended with %v", n.err)
	}
}

func TestStopByRequest(t *testing.T) {
	n, child := newBusyNode(t, &config.Config{DrainOnTerminateSeconds: 3600})
	for _, phase := range []string{state.Draining, state.Stopping} {
		if err := n.Stop(); err != nil {
			t.Fatal(err)
		}
		n.await(t, phase)
		if err := n.Resume(); !errors.Is(err, control.ErrRefused) {
			t.Errorf("while %s resuming says %v", phase, err)
		}
	}
	if err := n.Stop(); err != nil {
		t.Fatal(err)
	}
	n.awaitLoop(t)
	if how := child.Status(); how.Signal() != syscall.SIGKILL {
		t.Errorf("it ended with %v", how)
	}
	if err := n.Stop(); !errors.Is(err, control.ErrEnded) {
		t.Errorf("after the end stopping says %v", err)
	}
}
