package integration

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stopTimeout bounds the end of a process that was told to end, with all that it started.
const stopTimeout = 30 * time.Second

// A process is a program of a test, the leader of a process group of its own. Both of its streams go
// into output, or standard output alone into answers and the rest into output.
type process struct {
	name    string
	command *exec.Cmd
	output  *journal
	answers *journal // nil unless asked for
	ended   chan struct{}
	read    chan struct{} // the output has been read to its end
	failure error         // what Wait returned; read after ended is closed
}

// start runs a program. When the test fails, what it wrote is shown; at the test's end its group is killed.
func start(t testing.TB, name string, command *exec.Cmd, answers bool) *process {
	t.Helper()
	p := &process{name: name, command: command, output: newJournal(), ended: make(chan struct{}), read: make(chan struct{})}
	// A pipe of our own rather than exec's: Wait must not wait for descendants that keep the stream open.
	open := func(j *journal, done func()) *os.File {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatalf("cannot make a pipe for %s: %v", name, err)
		}
		go func() {
			j.follow(read)
			read.Close()
			done()
		}()
		return write
	}
	streams := open(p.output, func() { close(p.read) })
	defer streams.Close()
	command.Stdout, command.Stderr = streams, streams
	if answers {
		p.answers = newJournal()
		stream := open(p.answers, func() {})
		defer stream.Close()
		command.Stdout = stream
	}
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := command.Start(); err != nil {
		t.Fatalf("cannot start %s: %v", name, err)
	}
	go func() {
		p.failure = command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("%s (%s) wrote:\n%s", name, strings.Join(command.Args, " "), indent(p.output.String()))
		}
	})
	return p
}

func indent(text string) string { return "    | " + strings.ReplaceAll(text, "\n", "\n    | ") }

func (p *process) pid() int { return p.command.Process.Pid }

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// signal reaches the program alone, as a service manager's first signal does.
func (p *process) signal(signal syscall.Signal) { _ = p.command.Process.Signal(signal) }

// kill ends the whole group and waits for its leader.
func (p *process) kill() {
	_ = syscall.Kill(-p.pid(), syscall.SIGKILL)
	<-p.ended
}

// wait returns the exit status (128 plus its number for a signal, as a shell has it), or false when the time is over.
func (p *process) wait(limit time.Duration) (status int, ok bool) {
	select {
	case <-p.ended:
	case <-time.After(limit):
		return 0, false
	}
	select { // what it wrote last may still be on its way
	case <-p.read:
	case <-time.After(time.Second): // a descendant has the stream open
	}
	state := p.command.ProcessState.Sys().(syscall.WaitStatus)
	if state.Signaled() {
		return 128 + int(state.Signal()), true
	}
	return state.ExitStatus(), true
}

// stop tells the program to end and waits for it; what is then left of its group is killed.
func (p *process) stop(signal syscall.Signal, limit time.Duration) (status int, ok bool) {
	p.signal(signal)
	status, ok = p.wait(limit)
	p.kill()
	return status, ok
}

// cpu returns the processor time that the program itself has used, user and system, by /proc/<pid>/stat.
func (p *process) cpu(t testing.TB) time.Duration {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(p.pid()) + "/stat")
	if err != nil {
		t.Fatalf("cannot read the processor time of %s: %v", p.name, err)
	}
	// The second field is the name in brackets and may hold blanks; utime and stime are the 14th and 15th.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / 100 // USER_HZ is 100 on every Linux
}

// memory returns the resident bytes of the program itself.
func (p *process) memory(t testing.TB) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(p.pid()) + "/statm")
	if err != nil {
		t.Fatalf("cannot read the memory of %s: %v", p.name, err)
	}
	pages, _ := strconv.Atoi(strings.Fields(string(statm))[1])
	return pages * os.Getpagesize()
}
