package dropin

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const (
	// patience bounds every wait; the tests wait for events.
	patience = 60 * time.Second
	// markVariable is inherited by every process of a test, and finds those that outlived it.
	markVariable = "SCALER_DROPIN_MARK"
)

// A process is a program of a test: the leader of a session, with its output in a file.
type process struct {
	command *exec.Cmd
	mark    string
	output  string
	ended   chan struct{}
}

// start runs a program of the environment in a folder. At the test's end nothing of it may be left.
func (e environment) start(t *testing.T, folder string, variables []string, program string, arguments ...string) *process {
	t.Helper()
	p := &process{command: exec.Command(program, arguments...), ended: make(chan struct{})}
	p.mark = fmt.Sprintf("%d-%d", os.Getpid(), time.Now().UnixNano())
	output, err := os.Create(filepath.Join(t.TempDir(), "output"))
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	p.output = output.Name()
	p.command.Dir = folder
	p.command.Stdout, p.command.Stderr = output, output
	p.command.Env = append(cleanEnvironment(), markVariable+"="+p.mark, "PYTHONUNBUFFERED=1", "PWD="+folder)
	p.command.Env = append(p.command.Env, variables...)
	p.command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		for pid := range p.processes() {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		<-p.ended
		if t.Failed() {
			t.Logf("%s wrote:\n%s", strings.Join(p.command.Args, " "), p.text(t))
		}
	})
	return p
}

// cleanEnvironment is this process's own without what steers Scaler or Python.
func cleanEnvironment() []string {
	var environment []string
	for _, entry := range os.Environ() {
		if !strings.HasPrefix(entry, "SCALER_") && !strings.HasPrefix(entry, "PYTHON") && !strings.HasPrefix(entry, "VIRTUAL_ENV=") && !strings.HasPrefix(entry, "PWD=") {
			environment = append(environment, entry)
		}
	}
	return environment
}

func (p *process) text(t *testing.T) string {
	text, err := os.ReadFile(p.output)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// wait returns the exit status, or minus the signal that ended the process.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("%s does not end", p.command.Path)
	}
	status := p.command.ProcessState.Sys().(syscall.WaitStatus)
	if status.Signaled() {
		return -int(status.Signal())
	}
	return status.ExitStatus()
}

// line waits until the output has a line that begins with a word, and returns the rest of it.
func (p *process) line(t *testing.T, word string) string {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, line := range strings.SplitAfter(p.text(t), "\n") {
			if rest, ok := strings.CutPrefix(line, word+" "); ok && strings.HasSuffix(line, "\n") {
				return strings.TrimSpace(rest)
			}
		}
		select {
		case <-p.ended:
			if !strings.Contains(p.text(t), word+" ") {
				t.Fatalf("ended without a line %q", word)
			}
		default:
		}
	}
	t.Fatalf("no line %q", word)
	return ""
}

// processes returns the live processes of the test, with what each executes.
func (p *process) processes() map[int]string {
	found := map[int]string{}
	folders, _ := filepath.Glob("/proc/[0-9]*")
	for _, folder := range folders {
		environ, _ := os.ReadFile(folder + "/environ")
		if bytes.Contains(environ, []byte(markVariable+"="+p.mark+"\x00")) {
			pid, _ := strconv.Atoi(filepath.Base(folder))
			found[pid], _ = os.Readlink(folder + "/exe")
		}
	}
	return found
}

// awaitManager waits for a process that executes the binary, and returns its pid.
func (p *process) awaitManager(t *testing.T) int {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for pid, program := range p.processes() {
			if filepath.Base(program) == "scaler_worker_manager" {
				return pid
			}
		}
	}
	t.Fatal("no process runs the binary")
	return 0
}

// checkGone fails the test if a process is left, apart from what a filter lets pass; the kernel may take a moment.
func (p *process) checkGone(t *testing.T, passes func(command string) bool) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		left = nil
		for pid := range p.processes() {
			command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			text := strings.ReplaceAll(string(command), "\x00", " ")
			if text != "" && (passes == nil || !passes(text)) {
				left = append(left, text)
			}
		}
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
}

// freePorts returns the first of three free ports in a row, as schedulers before 2.0 take them.
func freePorts(t *testing.T) int {
	t.Helper()
	for first := 26000 + os.Getpid()%1000; first < 32000; first += 3 {
		free := true
		for port := first; port < first+3; port++ {
			listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
			if err != nil {
				free = false
				break
			}
			listener.Close()
		}
		if free && !taken[first] {
			taken[first] = true
			return first
		}
	}
	t.Fatal("cannot find three free ports in a row")
	return 0
}

var taken = map[int]bool{} // handed out in this run; the tests run one after the other
