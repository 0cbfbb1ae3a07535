// Package process owns the children of the program: it starts them, is the one that orphans are handed to, notices
// each end, kills what is left of a process group while its leader's number is certain, and reaps. It also says in
// words how a process ended.
package process

import (
	"errors"
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// sendGroup signals every process of a group. A leader that is not yet one, in the
// moment after it was forked, is signalled alone. Nobody there is no error.
func sendGroup(leader int, signal syscall.Signal) error {
	err := unix.Kill(-leader, signal)
	if errors.Is(err, unix.ESRCH) {
		err = send(leader, signal)
	}
	// macOS answers EPERM for a group that holds nothing but zombies.
	if errors.Is(err, unix.EPERM) && unix.Kill(leader, 0) != nil {
		return nil
	}
	return err
}

// send signals one process. Nobody there is no error.
func send(pid int, signal syscall.Signal) error {
	if err := unix.Kill(pid, signal); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}

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
