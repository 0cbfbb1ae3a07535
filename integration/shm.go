package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// ownSemaphores gives a manager a /dev/shm of its own: a folder of the test, bound there in a mount namespace. What its
// processes make there, however short they live, can be told from other people's, and outlives the namespace. Without
// root the manager stays as it is; semaphores are then found in the maps of live processes alone.
func (m mark) ownSemaphores(t testing.TB, r release, role string, s *setup) {
	t.Helper()
	if os.Getuid() != 0 {
		return
	}
	if s.program == "" {
		s.program = managerProgram(t, r)
	}
	folder := m.semaphores(role)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	path := folder + ".sh"
	// Neither unshare nor sh forks here: the manager keeps the pid that the test knows.
	script := fmt.Sprintf("#!/bin/sh\nexec unshare --mount sh -c 'mount --bind %s /dev/shm && exec %s \"$@\"' sh \"$@\"\n", folder, s.program)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s.program = path
}

var temporary = regexp.MustCompile(`^sem\.[a-zA-Z0-9]{6}$`)

func (m mark) semaphores(role string) string { return filepath.Join(m.dir, role+".shm") }

// checkNoSemaphores fails the test if a manager with a /dev/shm of its own has left something there.
func checkNoSemaphores(t testing.TB, m mark, role string) {
	t.Helper()
	entries, err := os.ReadDir(m.semaphores(role))
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	// A process that is killed within sem_open leaves glibc's own temporary file, sem.XXXXXX, of which nobody else knows
	// the name. Those of Python's multiprocessing have names of their own.
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return temporary.MatchString(e.Name()) })
	if len(entries) > 0 {
		t.Errorf("left behind by %s: %d semaphores in its /dev/shm, %s first", role, len(entries), entries[0].Name())
	}
}
