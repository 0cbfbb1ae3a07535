package process

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestStopped(t *testing.T) {
	// A name like what follows a name.
	program := filepath.Join(t.TempDir(), ") T (x) T")
	sleep, err := exec.LookPath("sleep")
	if err == nil {
		err = os.Symlink(sleep, program)
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "1000")
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	pid := command.Process.Pid
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	for _, step := range []struct {
		signal syscall.Signal
		want   bool
	}{{syscall.SIGCONT, false}, {syscall.SIGSTOP, true}, {syscall.SIGCONT, false}} {
		if err := syscall.Kill(pid, step.signal); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(20 * time.Second); Stopped(pid) != step.want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("stopped: %t, after %s", !step.want, SignalName(step.signal))
			}
		}
	}
	if Stopped(1 << 30) {
		t.Error("a process that is not there is stopped")
	}
}
