package process

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

func subreaper(t *testing.T) {
	t.Helper()
	if err := BecomeSubreaper(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); err != nil {
			t.Error(err)
		}
	})
}

func (f *fixture) orphan() Exit {
	f.t.Helper()
	select {
	case exit := <-f.orphans:
		return exit
	case <-time.After(patience):
		f.t.Fatal("no exit of an orphan is reported")
		return Exit{}
	}
}

func TestOrphansAreHandedOver(t *testing.T) {
	subreaper(t)
	f := newFixture(t)
	c := f.begin("father")
	orphan := c.number()
	f.Track(orphan)
	f.Track(1 << 30) // which is nobody's
	c.end()
	if got := f.Orphans(); !slices.Equal(got, []int{orphan}) {
		t.Errorf("orphans are %v, want %d", got, orphan)
	}
	if err := f.SignalTracked(orphan, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if exit := f.orphan(); exit.Pid != orphan || Describe(exit.Status) != "SIGTERM" {
		t.Errorf("exit of %d: %s, want the orphan %d", exit.Pid, Describe(exit.Status), orphan)
	}
	if hasChildren() {
		t.Error("a child is left")
	}
}

// The processes of a worker's tasks are killed with the worker, even if the host has died and that was not noticed yet.
func TestGroupOfOrphanIsKilledOnExit(t *testing.T) {
	subreaper(t)
	f := newFixture(t)
	c := f.begin("father of a leader")
	orphan := c.number()
	f.Track(orphan)
	c.number() // the member of the orphan's group
	c.end()
	c.input.Close() // the orphan ends, the member does not look at it
	if exit := f.orphan(); exit.Pid != orphan {
		t.Errorf("exit of %d, want %d", exit.Pid, orphan)
	}
	c.silence()
}

func TestUntrackedProcessIsNotSignalled(t *testing.T) {
	f := newFixture(t)
	c := f.begin("last")
	c.line()
	f.Track(c.Pid)
	f.Untrack(c.Pid)
	for _, err := range []error{f.KillGroup(c.Pid), f.SignalTracked(c.Pid, syscall.SIGKILL)} {
		if err != nil {
			t.Error(err)
		}
	}
	c.input.Close()
	if status := c.end(); status != 0 {
		t.Error(Describe(status))
	}
}

func TestKillGroup(t *testing.T) {
	subreaper(t)
	f := newFixture(t)
	c := f.begin("leader that stays")
	c.number()
	c.number() // its member
	f.Track(c.Pid)
	if err := f.KillGroup(c.Pid); err != nil {
		t.Error(err)
	}
	c.silence()
	if status := c.end(); Describe(status) != "SIGKILL" {
		t.Error(Describe(status))
	}
	if err := f.KillGroup(c.Pid); err != nil {
		t.Errorf("after the exit: %v", err)
	}
}

func TestChildDiesWithItsStarter(t *testing.T) {
	subreaper(t)
	f := newFixture(t)
	c := f.begin("guardian")
	grandchild := c.number()
	f.Track(grandchild)
	if err := c.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if status := c.end(); Describe(status) != "SIGKILL" {
		t.Error(Describe(status))
	}
	if exit := f.orphan(); exit.Pid != grandchild || Describe(exit.Status) != "SIGKILL" {
		t.Errorf("exit of %d: %s, want %d", exit.Pid, Describe(exit.Status), grandchild)
	}
}

func TestSweep(t *testing.T) {
	subreaper(t)
	f := newFixture(t)
	for range 3 {
		f.begin("father").line()
	}
	killed := 0
	if !f.Sweep(time.Millisecond, func(int) { killed++ }) {
		t.Error("a child is left")
	}
	if killed < 3 {
		t.Errorf("%d were killed", killed)
	}
	if !f.Sweep(0, func(pid int) { t.Errorf("%d is left", pid) }) {
		t.Error("a child is left though there was none")
	}
}

func TestKillExactly(t *testing.T) {
	f := newFixture(t)
	c := f.begin("last")
	c.line()
	startedNow := func(pid int) uint64 { p, _ := procfs.Read(procfs.Root, pid); return p.Started }
	started := startedNow(c.Pid)
	if err := KillExactly(c.Pid, started+1, startedNow); err != nil {
		t.Error(err)
	}
	select {
	case <-c.Done():
		t.Fatal("killed a process with another start time")
	default:
	}
	if err := KillExactly(c.Pid, started, startedNow); err != nil {
		t.Error(err)
	}
	if status := c.end(); Describe(status) != "SIGKILL" {
		t.Error(Describe(status))
	}
	if err := KillExactly(c.Pid, started, startedNow); err != nil {
		t.Errorf("after the exit: %v", err)
	}
}
