// Package process is what the manager does with processes of the operating system:
// start one in a process group of its own, signal a group, be the one that orphans
// are handed to, and say in words how a process ended.
package process

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Start runs a program as the leader of a new process group, with the given files as
// descriptors 0, 1, 2 and so on. On Linux the kernel kills it when the manager dies
// (elsewhere it has to notice by itself). The caller reaps it; see Reaper.
func Start(arguments []string, environment []string, files []*os.File) (pid int, err error) {
	descriptors := make([]uintptr, len(files))
	for i, file := range files {
		descriptors[i] = file.Fd()
	}
	pid, err = start(arguments[0], arguments, &syscall.ProcAttr{
		Env:   environment,
		Files: descriptors,
		Sys:   attributes(),
	})
	if err != nil {
		return 0, fmt.Errorf("cannot start %s: %w", arguments[0], err)
	}
	return pid, nil
}

// SignalGroup signals every process of a group. A leader that is not yet one, in the
// moment after it was forked, is signalled alone. Nobody there is no error.
func SignalGroup(leader int, signal syscall.Signal) error {
	err := unix.Kill(-leader, signal)
	if errors.Is(err, unix.ESRCH) {
		err = Signal(leader, signal)
	}
	// macOS answers EPERM for a group that holds nothing but zombies.
	if errors.Is(err, unix.EPERM) && unix.Kill(leader, 0) != nil {
		return nil
	}
	return err
}

// Signal signals one process. Nobody there is no error.
func Signal(pid int, signal syscall.Signal) error {
	if err := unix.Kill(pid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

// Gone tells whether a process has ended and was waited for by its parent: before that its number is still its own.
func Gone(pid int) bool { return errors.Is(unix.Kill(pid, 0), unix.ESRCH) }

// Describe says how a process with this wait status ended: "exit status 1",
// "SIGKILL", "SIGSEGV, core dumped".
func Describe(status syscall.WaitStatus) string {
	switch {
	case status.Exited():
		return fmt.Sprintf("exit status %d", status.ExitStatus())
	case status.Signaled():
		name := SignalName(status.Signal())
		if status.CoreDump() {
			name += ", core dumped"
		}
		return name
	}
	return fmt.Sprintf("wait status %#x", int(status))
}

// SignalName is "SIGTERM" and the like, or "signal 99".
func SignalName(signal syscall.Signal) string {
	if name := unix.SignalName(signal); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", int(signal))
}
