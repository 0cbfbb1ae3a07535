package node

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// offers is a mode that records the last offer.
type offers struct {
	maximum  int
	draining bool
}

func (o *offers) changed(_, _ pool.Snapshot)       {}
func (o *offers) offer(maximum int, draining bool) { o.maximum, o.draining = maximum, draining }

func TestDrainAndResume(t *testing.T) {
	n, _ := newBusyNode(t, &config.Config{Mode: "dynamic"})
	mode := &offers{}
	n.do(func() { n.mode = mode })
	if err := n.Resume(); !errors.Is(err, control.ErrRefused) {
		t.Errorf("resuming from nothing says %v", err)
	}
	if err := n.Drain(state.Drain{Deadline: -1}); !errors.Is(err, control.ErrRefused) {
		t.Errorf("a negative deadline gives %v", err)
	}
	if err := n.Drain(state.Drain{Deadline: 3600}); err != nil {
		t.Fatal(err)
	}
	n.await(t, state.Draining)
	if err := n.Restart(state.Restart{All: true}); !errors.Is(err, control.ErrRefused) {
		t.Errorf("restarting while it drains says %v", err)
	}
	if !ask(n, func() bool { return mode.draining && time.Until(n.drainUntil) > 0 }) {
		t.Errorf("offered %+v, until %s", mode, n.drainUntil)
	}
	if err := n.Resume(); err != nil {
		t.Fatal(err)
	}
	n.await(t, state.Serving)
	if s := n.snapshot(); s.Registered != 1 || ask(n, func() bool { return mode.draining || mode.maximum != 1 }) {
		t.Errorf("resumed: %+v, %+v", s, mode)
	}
	n.do(func() { n.finish(nil, pool.Kill{}) })
	n.awaitLoop(t)
}

// A drain ends the manager only if it is asked to.
func TestDrainAndEnd(t *testing.T) {
	n := newTestNode(t, &config.Config{Mode: "fixed", MaxTaskConcurrency: 3})
	go n.loop()
	if err := n.Drain(state.Drain{}); err != nil {
		t.Fatal(err)
	}
	n.await(t, state.Drained)
	if err := n.Drain(state.Drain{End: true}); err != nil {
		t.Fatal(err)
	}
	n.awaitLoop(t)
	for what, err := range map[string]error{
		"drain": n.Drain(state.Drain{}), "resume": n.Resume(), "resize": n.Resize(state.Resize{Count: 1}),
		"restart": n.Restart(state.Restart{All: true}),
	} {
		if !errors.Is(err, control.ErrEnded) {
			t.Errorf("after the end %s says %v", what, err)
		}
	}
}

func TestResize(t *testing.T) {
	tests := []struct {
		mode   string
		count  int
		refuse bool
	}{
		{"dynamic", 7, false}, {"dynamic", 0, false}, {"dynamic", pool.Unlimited, false}, {"dynamic", -2, true},
		{"fixed", 7, false}, {"fixed", 0, true}, {"fixed", pool.Unlimited, true},
	}
	for _, test := range tests {
		n := newTestNode(t, &config.Config{Mode: test.mode, MaxTaskConcurrency: 3})
		go n.loop()
		mode := &offers{}
		n.do(func() { n.mode = mode })
		err := n.Resize(state.Resize{Count: test.count})
		if errors.Is(err, control.ErrRefused) != test.refuse {
			t.Errorf("%+v: %v", test, err)
		}
		desired, told := 0, 0
		if !test.refuse {
			told = test.count
			if test.mode == "fixed" {
				desired = test.count
			}
		}
		if s := n.snapshot(); s.Desired != desired || ask(n, func() int { return mode.maximum }) != told {
			t.Errorf("%+v: %+v, %+v", test, s, mode)
		}
		n.do(func() { n.finish(nil, pool.Stop{}) })
		n.awaitLoop(t)
	}
}

func TestFindWorker(t *testing.T) {
	n := newTestNode(t, &config.Config{MaxTaskConcurrency: 3})
	n.pool.Handle(time.Now(), pool.HostReady{})
	n.pool.Handle(time.Now(), pool.SetDesired{Count: 3})
	n.pool.Handle(time.Now(), pool.Started{Worker: 1, Pid: 101, Identity: "NAT|aa|1"})
	n.pool.Handle(time.Now(), pool.Started{Worker: 2, Pid: 102, Identity: "NAT|aa|101"})
	for _, test := range []struct {
		name   string
		number int
		why    string
	}{
		{"NAT|aa|1", 1, ""}, // also a part of the other one's
		{"NAT|aa|101", 2, ""},
		{"102", 2, ""},
		{"101", 1, ""},    // a pid comes before a part of an id
		{"10", 0, `"10"`}, // not the pid of a worker
		{"|10", 2, ""},
		{"aa", 0, "2 workers have"},
		{"bb", 0, `"bb"`},
		{"", 0, `""`},
	} {
		w, err := n.findWorker(test.name)
		if w.Number != test.number || errors.Is(err, control.ErrNotFound) != (test.number == 0) {
			t.Errorf("%q: %+v, %v", test.name, w, err)
		}
		if err != nil && !strings.Contains(err.Error(), test.why) {
			t.Errorf("%q: %v", test.name, err)
		}
	}
}
