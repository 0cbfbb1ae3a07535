package process

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// patience is what only a failure waits for.
const patience = 20 * time.Second

// role is what a copy of this test has to be instead of a test.
const role = "PROCESS_TEST_ROLE"

func TestMain(m *testing.M) {
	if be := roles[os.Getenv(role)]; be != nil {
		os.Exit(be())
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// roles of a child. Its standard input ends when the test wants it to end, its standard output is the test's to read.
var roles = map[string]func() int{
	"exit 0": func() int { return 0 },
	"exit 3": func() int { return 3 },
	"last":   last,
	"tell": func() int {
		group, _ := unix.Getpgid(0)
		fourth, err := io.ReadAll(os.NewFile(3, "fourth"))
		fmt.Printf("leads %v, environment %s, got %q %v\n", group == os.Getpid(), os.Getenv("GIVEN"), fourth, err)
		return 0
	},
	// leaves a member of its group behind, and ends.
	"leader": func() int { return startMember(&syscall.SysProcAttr{}) },
	// leaves an orphan in a group of its own, and ends.
	"father": func() int { return startMember(&syscall.SysProcAttr{Setpgid: true}) },
	// starts a child by this package, and lives on.
	"guardian": func() int {
		if _, err := Start([]string{os.Args[0]}, environment("last"), []*os.File{os.Stdin, os.Stdout, os.Stderr}); err != nil {
			fmt.Println(err)
			return 1
		}
		select {}
	},
}

func last() int {
	fmt.Println("here", os.Getpid())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

func startMember(attributes *syscall.SysProcAttr) int {
	_, err := syscall.ForkExec(os.Args[0], os.Args, &syscall.ProcAttr{Env: environment("last"), Files: []uintptr{0, 1, 2}, Sys: attributes})
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// environment gives a child its role instead of this process's own: of two, the first would count, and a child that
// starts a child would go on for ever.
func environment(be string) []string {
	others := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, role+"=") })
	// A child under the race detector would wait for a second before it ends.
	return append(others, role+"="+be, "GIVEN=so", "GORACE=atexit_sleep_ms=0")
}

// child is a copy of this test in a role.
type child struct {
	t     *testing.T
	pid   int
	lines *bufio.Reader
	input *os.File // its end is the child's end
}

func begin(t *testing.T, be string, more ...*os.File) *child {
	t.Helper()
	return beginBy(t, Start, be, more...)
}

func beginBy(t *testing.T, by func([]string, []string, []*os.File) (int, error), be string, more ...*os.File) *child {
	t.Helper()
	read, input := pipe(t)
	output, write := pipe(t)
	pid, err := by([]string{os.Args[0]}, environment(be), append([]*os.File{read, write, os.Stderr}, more...))
	read.Close()
	write.Close()
	if err != nil {
		t.Fatal(err)
	}
	return &child{t, pid, bufio.NewReader(output), input}
}

func pipe(t *testing.T) (read, write *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { read.Close(); write.Close() })
	return read, write
}

func (c *child) line() string {
	c.t.Helper()
	line, err := c.lines.ReadString('\n')
	if err != nil {
		c.t.Fatalf("the child says %q, %v", line, err)
	}
	return strings.TrimSpace(line)
}

// number is the pid in "here <pid>".
func (c *child) number() (pid int) {
	c.t.Helper()
	if _, err := fmt.Sscanf(c.line(), "here %d", &pid); err != nil {
		c.t.Fatal(err)
	}
	return pid
}

// silence waits until all who hold the child's output have ended.
func (c *child) silence() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.lines); err != nil || len(rest) > 0 {
		c.t.Fatalf("the child says %q, %v", rest, err)
	}
}

// reap waits for a child without a Reaper.
func reap(t *testing.T, pid int) (status syscall.WaitStatus) {
	t.Helper()
	for {
		_, err := syscall.Wait4(pid, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
}

func TestDescribe(t *testing.T) {
	tests := []struct {
		status syscall.WaitStatus
		want   string
	}{
		{0, "exit status 0"},
		{1 << 8, "exit status 1"},
		{255 << 8, "exit status 255"},
		{syscall.WaitStatus(syscall.SIGKILL), "SIGKILL"},
		{syscall.WaitStatus(syscall.SIGTERM), "SIGTERM"},
		{syscall.WaitStatus(syscall.SIGSEGV) | 0x80, "SIGSEGV, core dumped"},
		{50, "signal 50"},
		{0x137f, "wait status 0x137f"},
	}
	for _, test := range tests {
		if got := Describe(test.status); got != test.want {
			t.Errorf("%#x: got %q, want %q", int(test.status), got, test.want)
		}
	}
}

func TestStart(t *testing.T) {
	read, write := pipe(t)
	c := begin(t, "tell", read)
	read.Close()
	io.WriteString(write, "hello")
	write.Close()
	if got, want := c.line(), `leads true, environment so, got "hello" <nil>`; got != want {
		t.Errorf("the child tells:\n%s\nwant\n%s", got, want)
	}
	if status := reap(t, c.pid); status != 0 {
		t.Error(Describe(status))
	}
}

func TestStartOfNothing(t *testing.T) {
	missing := t.TempDir() + "/missing"
	_, err := Start([]string{missing}, nil, nil)
	if !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "cannot start "+missing+": ") {
		t.Errorf("got %v", err)
	}
}

func TestSignal(t *testing.T) {
	c := begin(t, "last")
	c.line()
	if err := Signal(c.pid, syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	if status := reap(t, c.pid); status.Signal() != syscall.SIGTERM {
		t.Error(Describe(status))
	}
	for _, signal := range []func(int, syscall.Signal) error{Signal, SignalGroup} {
		if err := signal(c.pid, syscall.SIGTERM); err != nil {
			t.Errorf("nobody there: %v", err)
		}
	}
}

func TestSignalGroupOfADeadLeader(t *testing.T) {
	c := begin(t, "leader")
	c.number()
	// The leader stays a zombie, as the host keeps it.
	if err := unix.Waitid(unix.P_PID, c.pid, nil, unix.WEXITED|unix.WNOWAIT, nil); err != nil {
		t.Fatal(err)
	}
	if err := SignalGroup(c.pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	c.silence()
	if err := SignalGroup(c.pid, syscall.SIGKILL); err != nil {
		t.Errorf("nobody left but the zombie: %v", err)
	}
	reap(t, c.pid)
}

func TestSignalGroupOfWhoLeadsNoneYet(t *testing.T) {
	c := beginBy(t, func(arguments, environment []string, files []*os.File) (int, error) {
		descriptors := make([]uintptr, len(files))
		for i, file := range files {
			descriptors[i] = file.Fd()
		}
		return syscall.ForkExec(arguments[0], arguments, &syscall.ProcAttr{Env: environment, Files: descriptors})
	}, "last")
	c.line()
	if err := SignalGroup(c.pid, syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	if status := reap(t, c.pid); status.Signal() != syscall.SIGKILL {
		t.Error(Describe(status))
	}
}
