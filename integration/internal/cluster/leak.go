package cluster

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// LeakGrace is how long the kernel may take to remove processes after their manager, which ends last.
const LeakGrace = time.Second

// CheckNothingLeft fails the test if something of a role is left: a process, a file in its folder for temporary files,
// or one of these semaphores. It kills processes that are left.
func CheckNothingLeft(t testing.TB, m Mark, role string, held []string) {
	t.Helper()
	for _, process := range AwaitNone(m, LeakGrace, role) {
		t.Errorf("left behind by %s: process %d (%s)", role, process.Pid, process.Command)
		_ = syscall.Kill(process.Pid, syscall.SIGKILL)
	}
	checkNoFiles(t, m, role)
	for _, name := range held {
		if _, err := os.Stat("/dev/shm/" + name); err == nil {
			t.Errorf("left behind by %s: semaphore /dev/shm/%s", role, name)
			os.Remove("/dev/shm/" + name)
		}
	}
}

func checkNoFiles(t testing.TB, m Mark, role string) {
	t.Helper()
	root := m.Temporary(t, role)
	var left []string
	_ = filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err == nil && path != root {
			left = append(left, path)
		}
		return nil
	})
	if len(left) > 0 {
		t.Errorf("left behind by %s: %d files: %v", role, len(left), left[:min(3, len(left))])
	}
}

// AwaitNone returns the processes of the roles that are left when time is up. It polls, because the kernel reports only
// the end of children.
func AwaitNone(m Mark, limit time.Duration, roles ...string) []Found {
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		left := m.Processes(roles...)
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
	}
}
