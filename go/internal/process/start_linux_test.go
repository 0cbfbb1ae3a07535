package process

import (
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
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

func TestOrphansAreAdopted(t *testing.T) {
	subreaper(t)
	r := newReaper(t)
	c := begin(t, "father")
	orphan := c.number()
	if exit := c.exit(r); exit.Pid != c.pid || exit.Status != 0 {
		t.Errorf("the first end is that of %d: %s", exit.Pid, Describe(exit.Status))
	}
	if !hasChildren() {
		t.Error("the orphan is nobody's")
	}
	if err := Signal(orphan, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit := c.exit(r); exit.Pid != orphan || Describe(exit.Status) != "SIGTERM" {
		t.Errorf("told of %d: %s, want the orphan %d", exit.Pid, Describe(exit.Status), orphan)
	}
	if hasChildren() {
		t.Error("somebody is left")
	}
}

func TestChildDiesWithItsStarter(t *testing.T) {
	subreaper(t)
	r := newReaper(t)
	c := begin(t, "guardian")
	grandchild := c.number()
	if err := Signal(c.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ends := map[int]string{}
	for range 2 {
		exit := c.exit(r)
		ends[exit.Pid] = Describe(exit.Status)
	}
	if ends[c.pid] != "SIGKILL" || ends[grandchild] != "SIGKILL" {
		t.Errorf("ends are %v, want SIGKILL for %d and %d", ends, c.pid, grandchild)
	}
}

func TestAwaitNone(t *testing.T) {
	r := newReaper(t)
	if !r.AwaitNone(0) {
		t.Error("there is somebody before anything was started")
	}
	c := begin(t, "last")
	c.line()
	if r.AwaitNone(time.Millisecond) {
		t.Error("a living child is not seen")
	}
	c.input.Close()
	if !r.AwaitNone(patience) {
		t.Error("the end of the child is not seen")
	}
}

func TestAwaitNoneOfManyAndTheirOrphans(t *testing.T) {
	subreaper(t)
	r := newReaper(t)
	for range 3 {
		c := begin(t, "father")
		c.line()
		c.input.Close()
	}
	if !r.AwaitNone(patience) {
		t.Error("somebody is left")
	}
}
