// Package process owns the child processes of the program: it starts and reaps them, adopts orphans, and kills what is
// left of a process group while the pid of its leader cannot have been reused. It also describes wait statuses.
package process

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// sendGroup signals a process group, or only its leader if that has just been forked and is not a leader yet. A process
// that does not exist is not an error.
func sendGroup(leader int, signal syscall.Signal) error {
	err := unix.Kill(-leader, signal)
	if errors.Is(err, unix.ESRCH) {
		err = send(leader, signal)
	}
	// macOS returns EPERM for a group that consists of zombies.
	if errors.Is(err, unix.EPERM) && unix.Kill(leader, 0) != nil {
		return nil
	}
	return err
}

// send signals a process. A process that does not exist is not an error.
func send(pid int, signal syscall.Signal) error {
	if err := unix.Kill(pid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

// Describe words a wait status: "exit status 1", "SIGKILL", "SIGSEGV, core dumped".
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

// SignalName returns a name such as "SIGTERM", or "signal 99".
func SignalName(signal syscall.Signal) string {
	if name := unix.SignalName(signal); name != "" {
		return name
	}
	return fmt.Sprintf("signal %d", int(signal))
}
