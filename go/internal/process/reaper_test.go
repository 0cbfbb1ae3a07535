package process

import (
	"syscall"
	"testing"
	"time"
)

func newReaper(t *testing.T) *Reaper {
	t.Helper()
	r := NewReaper()
	t.Cleanup(r.Close)
	return r
}

func (c *child) exit(r *Reaper) Exit {
	c.t.Helper()
	select {
	case exit := <-r.Exits():
		return exit
	case <-time.After(patience):
		c.t.Fatal("no end is told")
		return Exit{}
	}
}

func TestReaperTellsEveryEnd(t *testing.T) {
	r := newReaper(t)
	children := map[int]syscall.WaitStatus{}
	var one *child
	for _, be := range []string{"exit 0", "exit 3", "exit 0", "exit 3"} {
		one = begin(t, be)
		children[one.pid] = map[string]syscall.WaitStatus{"exit 0": 0, "exit 3": 3 << 8}[be]
	}
	for range 4 {
		exit := one.exit(r)
		if want, known := children[exit.Pid]; !known || exit.Status != want {
			t.Errorf("told of %d: %s, want %s", exit.Pid, Describe(exit.Status), Describe(want))
		}
		delete(children, exit.Pid)
	}
}

func TestReaperTellsOfSignals(t *testing.T) {
	r := newReaper(t)
	c := begin(t, "last")
	c.line()
	if err := SignalGroup(c.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if exit := c.exit(r); exit.Pid != c.pid || Describe(exit.Status) != "SIGKILL" {
		t.Errorf("told of %d: %s", exit.Pid, Describe(exit.Status))
	}
}

func TestReaperIsClosedWithAnEndThatNobodyTook(t *testing.T) {
	r := NewReaper()
	c := begin(t, "exit 0")
	c.silence()
	done := make(chan struct{})
	go func() { r.Close(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("Close hangs")
	}
	// Whether it was collected or not, it must not be left to the next test.
	_, _ = syscall.Wait4(c.pid, nil, 0, nil)
}
