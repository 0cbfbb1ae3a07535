package dropin

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// patience bounds every wait. Tests wait for events, not for a clock.
const patience = 60 * time.Second

// A process is a program of a test, the leader of a session.
type process struct {
	*cluster.Process
	mark         cluster.Mark // of all that it starts
	sharedMemory string       // the folder that is its /dev/shm
}

// start runs a program of the environment in a folder. When the test ends, all that it started is killed.
func (e environment) start(
	t *testing.T, folder string, variables []string, program string, arguments ...string,
) *process {
	t.Helper()
	mark := cluster.NewMark(t)
	command := exec.Command(program, arguments...)
	command.Dir = folder
	command.Env = append(cleanEnvironment(), cluster.MarkVariable+"="+mark.Value, "PYTHONUNBUFFERED=1", "PWD="+folder)
	command.Env = append(command.Env, variables...)
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // away from the terminal of who runs the tests
	sharedMemory := t.TempDir()
	cluster.OwnSharedMemory(command, sharedMemory)
	p := &process{cluster.StartProcess(t, filepath.Base(program), command, false), mark, sharedMemory}
	t.Cleanup(func() {
		for _, left := range mark.Processes() {
			_ = syscall.Kill(left.Pid, syscall.SIGKILL)
		}
	})
	return p
}

// cleanEnvironment is the environment of this process without variables that Scaler or Python use.
func cleanEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "SCALER_") || strings.HasPrefix(entry, "PYTHON") ||
			strings.HasPrefix(entry, "VIRTUAL_ENV=") || strings.HasPrefix(entry, "PWD=")
	})
}

// wait returns the exit status, or minus the signal that ended the process.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	status, ok := p.Wait(patience)
	if !ok {
		t.Fatalf("%s does not end", p.Name)
	}
	if status > 128 {
		return 128 - status
	}
	return status
}

// line waits for a line that begins with a word, and returns the rest of it.
func (p *process) line(t *testing.T, word string) string {
	t.Helper()
	line, ok := p.Output.Wait(regexp.MustCompile("^"+regexp.QuoteMeta(word)+" "), 0, patience)
	if !ok {
		t.Fatalf("%s has not written a line that begins with %q", p.Name, word)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, word+" "))
}

// awaitManager waits for a process that executes the binary, and returns its pid.
func (p *process) awaitManager(t *testing.T) int {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		for _, found := range p.mark.Processes() {
			program, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", found.Pid))
			if filepath.Base(program) == "scaler_worker_manager" {
				return found.Pid
			}
		}
	}
	t.Fatal("no process runs the binary")
	return 0
}

// checkNoSemaphores fails the test if semaphores are left. Scaler's own manager may leave some.
func (p *process) checkNoSemaphores(t *testing.T) {
	t.Helper()
	if left := cluster.LeftSemaphores(t, p.sharedMemory); len(left) > 0 {
		t.Errorf("left behind by %s: %d semaphores in its /dev/shm, %s first", p.Name, len(left), left[0])
	}
}

// checkGone fails the test if a process is left that the filter does not pass. The kernel may take a moment.
func (p *process) checkGone(t *testing.T, passes func(command string) bool) {
	t.Helper()
	var left []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		left = nil
		for _, found := range p.mark.Processes() {
			if found.Command != "" && (passes == nil || !passes(found.Command)) {
				left = append(left, found.Command)
			}
		}
		if len(left) == 0 {
			return
		}
	}
	t.Errorf("left behind:\n%s", strings.Join(left, "\n"))
}
