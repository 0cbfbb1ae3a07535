package integration

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// leakGrace is for what the kernel still takes down after a manager has ended; a manager itself ends last.
const leakGrace = time.Second

// checkNothingLeft fails the test if something of a role is still there: a process, a file in its
// folder for temporary files, or one of these semaphores. Processes that are left are killed.
func checkNothingLeft(t testing.TB, m mark, role string, held []string) {
	t.Helper()
	for _, process := range awaitNone(m, leakGrace, role) {
		t.Errorf("left behind by %s: process %d (%s)", role, process.pid, process.command)
		_ = syscall.Kill(process.pid, syscall.SIGKILL)
	}
	checkNoFiles(t, m, role)
	for _, name := range held {
		if _, err := os.Stat("/dev/shm/" + name); err == nil {
			t.Errorf("left behind by %s: semaphore /dev/shm/%s", role, name)
			os.Remove("/dev/shm/" + name)
		}
	}
}

func checkNoFiles(t testing.TB, m mark, role string) {
	t.Helper()
	root := m.temporary(t, role)
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

// awaitNone returns the processes of the roles that are left when the time is over; the kernel tells of the end of
// a process that is no child only to those that look.
func awaitNone(m mark, limit time.Duration, roles ...string) []found {
	for deadline := time.Now().Add(limit); ; time.Sleep(20 * time.Millisecond) {
		left := m.processes(roles...)
		if len(left) == 0 || time.Now().After(deadline) {
			return left
		}
	}
}
