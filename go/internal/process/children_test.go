package process

import (
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fixture is a Children with the exits of orphans.
type fixture struct {
	*Children
	t       *testing.T
	orphans chan Exit
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	f := &fixture{t: t, orphans: make(chan Exit, 8)}
	f.Children = NewChildren(func(exit Exit) { f.orphans <- exit })
	t.Cleanup(f.Close)
	return f
}

// end waits for a child to exit.
func (c *run) end() syscall.WaitStatus {
	c.t.Helper()
	select {
	case <-c.Done():
		return c.Status()
	case <-time.After(patience):
		c.t.Fatal("no exit is reported")
		return 0
	}
}

func TestStart(t *testing.T) {
	f := newFixture(t)
	read, write := pipe(t)
	c := f.begin("tell", read)
	read.Close()
	io.WriteString(write, "hello")
	write.Close()
	if got, want := c.line(), `leads true, environment so, got "hello" <nil>`; got != want {
		t.Errorf("the child reports:\n%s\nwant\n%s", got, want)
	}
	if status := c.end(); status != 0 {
		t.Error(Describe(status))
	}
}

func TestStartOfMissingProgram(t *testing.T) {
	missing := t.TempDir() + "/missing"
	_, err := newFixture(t).Start([]string{missing}, nil, nil)
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "cannot start "+missing+": ") {
		t.Errorf("got %v", err)
	}
}

func TestEveryExitIsReported(t *testing.T) {
	f := newFixture(t)
	wants := map[*run]syscall.WaitStatus{}
	for _, be := range []string{"exit 0", "exit 3", "exit 0", "exit 3"} {
		wants[f.begin(be)] = map[string]syscall.WaitStatus{"exit 0": 0, "exit 3": 3 << 8}[be]
	}
	for child, want := range wants {
		if status := child.end(); status != want {
			t.Errorf("%d: %s, want %s", child.Pid, Describe(status), Describe(want))
		}
	}
}

func TestSignal(t *testing.T) {
	f := newFixture(t)
	c := f.begin("last")
	c.line()
	if err := c.Signal(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if status := c.end(); status.Signal() != syscall.SIGTERM {
		t.Error(Describe(status))
	}
	if err := c.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("after the exit: %v", err)
	}
}

func TestCloseWithChildrenLeft(t *testing.T) {
	f := NewChildren(nil)
	closed := make(chan struct{})
	go func() { f.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(patience):
		t.Fatal("Close hangs")
	}
}
