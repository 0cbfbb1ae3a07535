package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// OwnSemaphores gives a manager a /dev/shm of its own: a folder of the test, mounted there in a mount namespace. What
// its processes leave, however briefly they live, is then known to be theirs and outlives the namespace. That takes
// root; without it, only semaphores in the maps of live processes are found.
func (m Mark) OwnSemaphores(t testing.TB, r Release, role string, s *Setup) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if s.Program == "" {
		s.Program = ManagerProgram(t, r)
	}
	folder := m.semaphores(role)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := folder + ".sh"
	// Neither unshare nor sh forks here, so the manager has the pid that the test knows.
	script := fmt.Sprintf("#!/bin/sh\nexec unshare --mount sh -c 'mount --bind %s /dev/shm && exec %s \"$@\"' sh \"$@\"\n",
		folder, s.Program)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s.Program = path
}

var temporary = regexp.MustCompile(`^sem\.[a-zA-Z0-9]{6}$`)

func (m Mark) semaphores(role string) string { return filepath.Join(m.Dir, role+".shm") }

// checkNoSemaphores fails the test if a manager with a /dev/shm of its own has left something there.
func checkNoSemaphores(t testing.TB, m Mark, role string) {
	t.Helper()
	entries, err := os.ReadDir(m.semaphores(role))
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	// A process that is killed within sem_open leaves glibc's temporary file, sem.XXXXXX, whose name nobody else knows.
	// The names of Python's multiprocessing look different.
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return temporary.MatchString(e.Name()) })
	if len(entries) > 0 {
		t.Errorf("left behind by %s: %d semaphores in its /dev/shm, %s first", role, len(entries), entries[0].Name())
	}
}
