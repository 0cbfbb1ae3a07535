package cluster

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// StopTimeout bounds how long a process and all that it started may take to end.
const StopTimeout = 30 * time.Second

// A Process is a program of a test and leads a process group. Both of its streams go into Output, or standard output
// into Answers and the rest into Output.
type Process struct {
	Name    string
	command *exec.Cmd
	Output  *Journal
	Answers *Journal // nil unless asked for
	Ended   chan struct{}
	Read    chan struct{} // the output has been read to its end
	failure error         // what Wait returned; read after ended is closed
}

// StartProcess starts a program. When the test ends, its group is killed; if the test failed, its output is shown.
func StartProcess(t testing.TB, name string, command *exec.Cmd, answers bool) *Process {
	t.Helper()
	p := &Process{Name: name, command: command, Output: NewJournal(), Ended: make(chan struct{}),
		Read: make(chan struct{})}
	// Not exec's own pipe: Wait would wait for descendants that keep the stream open.
	open := func(j *Journal, done func()) *os.File {
		read, write, err := os.Pipe()
		if err != nil {
			t.Fatalf("cannot make a pipe for %s: %v", name, err)
		}
		go func() {
			j.Follow(read)
			read.Close()
			done()
		}()
		return write
	}
	streams := open(p.Output, func() { close(p.Read) })
	defer streams.Close()
	command.Stdout, command.Stderr = streams, streams
	if answers {
		p.Answers = NewJournal()
		stream := open(p.Answers, func() {})
		defer stream.Close()
		command.Stdout = stream
	}
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	}
	if err := command.Start(); err != nil {
		t.Fatalf("cannot start %s: %v", name, err)
	}
	go func() {
		p.failure = command.Wait()
		close(p.Ended)
	}()
	t.Cleanup(func() {
		p.Kill()
		if t.Failed() {
			t.Logf("%s (%s) wrote:\n%s", name, strings.Join(command.Args, " "), indent(p.Output.String()))
		}
	})
	return p
}

func indent(text string) string { return "    | " + strings.ReplaceAll(text, "\n", "\n    | ") }

// PID is the process id of the program.
func (p *Process) PID() int { return p.command.Process.Pid }

// Running tells whether the program has not ended.
func (p *Process) Running() bool {
	select {
	case <-p.Ended:
		return false
	default:
		return true
	}
}

// Signal signals the program alone, not its group, as a service manager does first.
func (p *Process) Signal(signal syscall.Signal) { _ = p.command.Process.Signal(signal) }

// Kill kills the whole group and waits for its leader.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.Ended
}

// Wait returns the exit status (128 plus the number of a signal, as in a shell), or false when time is up.
func (p *Process) Wait(limit time.Duration) (status int, ok bool) {
	select {
	case <-p.Ended:
	case <-time.After(limit):
		return 0, false
	}
	select { // what it wrote last may still be on its way
	case <-p.Read:
	case <-time.After(time.Second): // a descendant has the stream open
	}
	state := p.command.ProcessState.Sys().(syscall.WaitStatus)
	if state.Signaled() {
		return 128 + int(state.Signal()), true
	}
	return state.ExitStatus(), true
}

// CPU returns the user and system time that the program itself has used.
func (p *Process) CPU(t testing.TB) time.Duration {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID()) + "/stat")
	if err != nil {
		t.Fatalf("cannot read the processor time of %s: %v", p.Name, err)
	}
	// The second field is the name in brackets and may contain spaces; utime and stime are the 14th and 15th.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * time.Second / 100 // USER_HZ is 100 on every Linux
}

// Memory returns the resident bytes of the program itself.
func (p *Process) Memory(t testing.TB) int {
	t.Helper()
	statm, err := os.ReadFile("/proc/" + strconv.Itoa(p.PID()) + "/statm")
	if err != nil {
		t.Fatalf("cannot read the memory of %s: %v", p.Name, err)
	}
	pages, _ := strconv.Atoi(strings.Fields(string(statm))[1])
	return pages * os.Getpagesize()
}
