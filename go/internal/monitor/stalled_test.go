package monitor

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
)

func TestStalled(t *testing.T) {
	const second = time.Second
	workers := []Worker{{Pid: 1}, {Pid: 2}, {Pid: 3}}
	s := NewStalled(2*second, second)
	looks := []struct{ stopped, want []int }{
		{
			nil, nil}, {[]int{1, 2}, nil}, {[]int{1, 3}, nil}, {[]int{1, 2, 3}, []int{1}}, {[]int{2, 3}, []int{3}}, {nil,
			nil}, {[]int{3}, nil},
	}
	for i, look := range looks {
		s.stopped = func(pid int) bool { return slices.Contains(look.stopped, pid) }
		var got []int
		for _, stall := range s.Decide(workers) {
			got = append(got, stall.Worker.Pid)
			if stall.For != 2*second {
				t.Errorf("look %d: stopped for %s", i, stall.For)
			}
		}
		if !slices.Equal(got, look.want) {
			t.Errorf("look %d: %v, want %v", i, got, look.want)
		}
	}
}

func TestIsStopped(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("there is no /proc")
	}
	// A name that looks like the fields that follow a name.
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
		for deadline := time.Now().Add(20 * time.Second); isStopped(pid) != step.want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("stopped: %t, after %s", !step.want, step.signal)
			}
		}
	}
	if isStopped(1 << 30) {
		t.Error("a process that is not there is stopped")
	}
}
