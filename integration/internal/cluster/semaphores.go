package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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

// OwnSharedMemory has a command run with a folder as its /dev/shm, if that is possible: as root.
func OwnSharedMemory(command *exec.Cmd, folder string) {
	if os.Getuid() != 0 {
		return
	}
	// Neither unshare nor sh forks here, so the program has the pid of the command.
	const script = `mount --bind "$0" /dev/shm && exec "$@"`
	program := command.Args
	program[0] = command.Path
	wrapped := exec.Command("unshare", append([]string{"--mount", "sh", "-c", script, folder}, program...)...)
	command.Path, command.Args = wrapped.Path, wrapped.Args
}

// LeftSemaphores lists the semaphores in a folder that has been a /dev/shm.
func LeftSemaphores(t testing.TB, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		// A process that is killed within sem_open leaves glibc's temporary file, sem.XXXXXX, whose name nobody else knows.
		// The names of Python's multiprocessing look different.
		if !temporary.MatchString(entry.Name()) {
			names = append(names, entry.Name())
		}
	}
	return names
}

var temporary = regexp.MustCompile(`^sem\.[a-zA-Z0-9]{6}$`)

func (m Mark) semaphores(role string) string { return filepath.Join(m.Dir, role+".shm") }

// checkNoSemaphores fails the test if a manager with a /dev/shm of its own has left something there.
func checkNoSemaphores(t testing.TB, m Mark, role string) {
	t.Helper()
	if _, err := os.Stat(m.semaphores(role)); os.IsNotExist(err) {
		return
	}
	if names := LeftSemaphores(t, m.semaphores(role)); len(names) > 0 {
		t.Errorf("left behind by %s: %d semaphores in its /dev/shm, %s first", role, len(names), names[0])
	}
}
