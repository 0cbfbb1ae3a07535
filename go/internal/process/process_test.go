package process

import (
	"bufio"
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

// patience is only waited for in a failing test.
const patience = 20 * time.Second

// role is the environment variable that gives a copy of this program its role.
const role = "PROCESS_TEST_ROLE"

func TestMain(m *testing.M) {
	if be := roles[os.Getenv(role)]; be != nil {
		os.Exit(be())
	}
	goleak.VerifyTestMain(m, goleak.IgnoreCurrent())
}

// The roles of a child. It exits when its standard input is closed; the test reads its standard output.
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
	// leaves an orphan in its own process group, and exits.
	"father": func() int { return startMember(&syscall.SysProcAttr{Setpgid: true}) },
	// leaves an orphan that leads a process group with another process, which does not exit by itself.
	"father of a leader": func() int { return startAs("leader that stays", &syscall.SysProcAttr{Setpgid: true}) },
	"leader that stays": func() int {
		fmt.Println("here", os.Getpid())
		if status := startAs("for ever", &syscall.SysProcAttr{}); status != 0 {
			return status
		}
		_, _ = io.Copy(io.Discard, os.Stdin)
		return 0
	},
	"for ever": func() int {
		fmt.Println("here", os.Getpid())
		select {}
	},
	// starts a child with this package, and keeps running.
	"guardian": func() int {
		files := []*os.File{os.Stdin, os.Stdout, os.Stderr}
		if _, err := NewChildren(nil).Start([]string{os.Args[0]}, environment("last"), files); err != nil {
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

func startMember(attributes *syscall.SysProcAttr) int { return startAs("last", attributes) }

func startAs(be string, attributes *syscall.SysProcAttr) int {
	attr := &syscall.ProcAttr{Env: environment(be), Files: []uintptr{0, 1, 2}, Sys: attributes}
	_, err := syscall.ForkExec(os.Args[0], os.Args, attr)
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// environment replaces this process's own role, if any, by that of the child: of two, the first would count, and a
// child that starts a child would recurse forever.
func environment(be string) []string {
	others := slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(entry, role+"=") })
	// The race detector would delay the exit of a child by a second.
	return append(others, role+"="+be, "GIVEN=so", "GORACE=atexit_sleep_ms=0")
}

// run is a copy of this program in a role.
type run struct {
	*Child
	t     *testing.T
	lines *bufio.Reader
	input *os.File // its end is the child's end
}

// begin starts a copy of this program.
func (f *fixture) begin(be string, more ...*os.File) *run {
	f.t.Helper()
	read, input := pipe(f.t)
	output, write := pipe(f.t)
	child, err := f.Start([]string{os.Args[0]}, environment(be), append([]*os.File{read, write, os.Stderr}, more...))
	read.Close()
	write.Close()
	if err != nil {
		f.t.Fatal(err)
	}
	return &run{child, f.t, bufio.NewReader(output), input}
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

func (c *run) line() string {
	c.t.Helper()
	line, err := c.lines.ReadString('\n')
	if err != nil {
		c.t.Fatalf("the child wrote %q, %v", line, err)
	}
	return strings.TrimSpace(line)
}

// number reads the pid in "here <pid>".
func (c *run) number() (pid int) {
	c.t.Helper()
	if _, err := fmt.Sscanf(c.line(), "here %d", &pid); err != nil {
		c.t.Fatal(err)
	}
	return pid
}

// silence waits until every process that inherited the child's output has exited.
func (c *run) silence() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.lines); err != nil || len(rest) > 0 {
		c.t.Fatalf("the child wrote %q, %v", rest, err)
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
