package cgroup

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

const childFolder = "SCALER_NATIVE_TEST_CGROUP"

// TestMain is also the child of TestKernel: it enters the cgroup that it is told and takes more memory than it may.
func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		if err := write(filepath.Join(folder, fileProcs), "0"); err != nil {
			os.Exit(3)
		}
		taken := make([]byte, 256<<20)
		for i := 0; i < len(taken); i += 4096 {
			taken[i] = 1
		}
		os.Exit(4)
	}
	os.Exit(m.Run())
}

// The kernel itself holds a process to the limit, and nothing is left behind. Elsewhere than in a cgroup of one's own:
// go test -c, and the result by systemd-run --user --wait --pipe -p Delegate=yes.
func TestKernel(t *testing.T) {
	place, err := Own("/proc")
	if err != nil {
		t.Skipf("NOT TESTED: %v", err)
	}
	const limit = 64 << 20
	tree, err := Open(place, limit)
	if err != nil {
		t.Skipf("NOT TESTED, as it needs a delegated cgroup v2 with this process alone in it: %v", err)
	}
	if within, err := Own("/proc"); err != nil || within.Folder != filepath.Join(place.Folder, ofManager) {
		t.Errorf("this process is in %v (%v) now, want it below %s", within, err, place.Folder)
	}
	folder, err := tree.Make(2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(Place{Folder: folder}, limit); err == nil {
		t.Error("opened the cgroup of a worker, in which the manager is not")
	}
	if used, err := tree.Used(2); err != nil || used > 1<<20 {
		t.Errorf("an empty cgroup uses %d bytes (%v)", used, err)
	}
	child := exec.Command("/proc/self/exe")
	child.Env = append(os.Environ(), childFolder+"="+folder)
	var exit *exec.ExitError
	if err := child.Run(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("a child that takes 256 MiB ended by %v, want SIGKILL", err)
	}
	if tree.Kills(2) != 1 || tree.AllKills() == 0 {
		t.Errorf("the kernel says that it killed %d, and %d of all; want 1", tree.Kills(2), tree.AllKills())
	}
	sleeper := exec.Command("sleep", "1000")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	if err := write(filepath.Join(folder, fileProcs), strconv.Itoa(sleeper.Process.Pid)); err != nil {
		t.Fatal(err)
	}
	if !tree.Holds(2, sleeper.Process.Pid) || tree.Holds(2, os.Getpid()) {
		t.Error("the cgroup does not hold the child, or this process too")
	}
	tree.Remove(2)
	if err := sleeper.Wait(); !errors.As(err, &exit) {
		t.Errorf("what was left in the cgroup ended by %v, want SIGKILL", err)
	}
	if err := tree.Close(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	if back, err := Own("/proc"); err != nil || back != place {
		t.Errorf("this process is in %v (%v), want it back in %v", back, err, place)
	}
	if left, _ := filepath.Glob(filepath.Join(place.Folder, "*-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if left := filepath.Join(place.Folder, ofManager); !errors.Is(os.Remove(left), os.ErrNotExist) {
		t.Errorf("left behind: %s", left)
	}
}
