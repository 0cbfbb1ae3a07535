package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"golang.org/x/sys/unix"
)

// nobody is a user for managers that must not have root's way around limits.
const nobody = 61234

// disk is the size of the small file system, in bytes.
const disk = 1 << 20

// mountDisk gives the test a small file system that only it, and what it starts, sees.
func mountDisk(s *scene) {
	runtime.LockOSThread() // and not unlocked: the thread ends with the test, and the mounts with its last process
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		s.t.Fatalf("cannot make a mount namespace: %v", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		s.t.Fatalf("cannot keep mounts private: %v", err)
	}
}

func (s *scene) disk() string { return filepath.Join(s.cluster.Mark.Dir, "disk") }

func logToDisk(s *scene, start *cluster.Setup) {
	path := s.disk()
	if err := os.Mkdir(path, 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := unix.Mount("small", path, "tmpfs", 0, fmt.Sprintf("size=%d", disk)); err != nil {
		s.t.Fatalf("cannot mount a file system: %v", err)
	}
	s.t.Cleanup(func() { _ = unix.Unmount(path, unix.MNT_DETACH) })
	start.Arguments = append(start.Arguments, "--logging-level", "DEBUG", "--logging-paths", filepath.Join(path, "log"))
}

func fillDisk(s *scene) {
	s.begins()
	file, err := os.Create(filepath.Join(s.disk(), "filler"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	for size := 64 << 10; size > 0; size /= 2 { // down to the last byte
		for err = nil; err == nil; {
			_, err = file.Write(make([]byte, size))
		}
	}
	if !strings.Contains(err.Error(), syscall.ENOSPC.Error()) {
		s.t.Fatalf("the disk is not full: %v", err)
	}
}

// asNobody runs the manager as a user whose number of processes can be limited: for root there is no limit. It may
// still read what root may, as an interpreter in root's home.
func asNobody(s *scene, start *cluster.Setup) {
	if os.Getuid() != 0 {
		return
	}
	if start.Program == "" {
		start.Program = cluster.ManagerProgram(s.t, s.cluster.Release)
	}
	path := filepath.Join(s.cluster.Mark.Dir, "as-nobody")
	script := fmt.Sprintf("#!/bin/sh\numask 022\nexec setpriv --reuid %d --regid %d --clear-groups "+
		"--inh-caps +dac_read_search --ambient-caps +dac_read_search %s \"$@\"\n", nobody, nobody, start.Program)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		s.t.Fatal(err)
	}
	start.Program = path
	for _, name := range []string{"manager", "second"} {
		if err := os.Chmod(s.cluster.Mark.Temporary(s.t, name), 0o777); err != nil {
			s.t.Fatal(err)
		}
	}
	if err := os.Chmod(s.cluster.Mark.Dir, 0o711); err != nil {
		s.t.Fatal(err)
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		s.t.Fatalf("cannot run a manager as another user: %v", err)
	}
}

// starved has a limit stand at its lowest for those that start workers, kills a worker, and gives the limit back
// after a while.
func (s *scene) starved(resource string) {
	worker, processor := s.worker()
	starters := []int{s.manager.PID()}
	if s.ours {
		starters = append(starters, s.host())
	}
	for _, pid := range starters {
		s.limit(pid, resource, "1:")
	}
	s.begins(processor)
	s.signal(worker, syscall.SIGKILL)
	time.Sleep(moment)
	for _, pid := range starters {
		if cluster.Alive(pid) {
			s.limit(pid, resource, "4096:")
		}
	}
	s.since = time.Now()
}

// limit changes a limit of a process, as the user of the process: the kernel lets only that one, or CAP_SYS_RESOURCE.
func (s *scene) limit(pid int, resource, value string) {
	s.t.Helper()
	command := exec.Command("prlimit", fmt.Sprintf("--pid=%d", pid), fmt.Sprintf("--%s=%s", resource, value))
	owner, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
	if err == nil && os.Getuid() == 0 {
		user := owner.Sys().(*syscall.Stat_t).Uid
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: user, Gid: user}}
	}
	if text, err := command.CombinedOutput(); err != nil {
		s.t.Fatalf("cannot change a limit of process %d: %v: %s", pid, err, text)
	}
}

func limitProcesses(s *scene) { s.starved("nproc") }

func limitDescriptors(s *scene) { s.starved("nofile") }
