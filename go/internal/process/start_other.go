//go:build !linux

package process

import (
	"errors"
	"syscall"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// forkThread needs no thread here, as there is no parent-death signal.
type forkThread struct{}

func newForkThread() forkThread { return forkThread{} }

func (forkThread) start(program string, arguments []string, attr *syscall.ProcAttr) (int, error) {
	return syscall.ForkExec(program, arguments, attr)
}

func (forkThread) close() {}

// adopts reports whether orphaned descendants become children of a subreaper on this system.
const adopts = false

// BecomeSubreaper does nothing: orphans go to process 1, and processes that were detached from a worker's process group
// outlive it.
func BecomeSubreaper() error { return nil }

// reapedAhead is the status of the child that endedChild found: this system cannot wait without reaping. No group needs
// the pid of its leader here, since no orphans are adopted.
var reapedAhead syscall.WaitStatus

// endedChild must be called with the lock of Children held.
func endedChild() (pid int, found bool) {
	for {
		pid, err := syscall.Wait4(-1, &reapedAhead, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		return pid, err == nil && pid > 0
	}
}

func reap(int) syscall.WaitStatus { return reapedAhead }

// isChild returns false: no orphans are adopted.
func isChild(int) bool { return false }

// hasChildren returns false: this system cannot tell without reaping.
func hasChildren() bool { return false }

// children returns none: no orphans are adopted.
func children() []int { return nil }

// KillExactly kills the process with this pid: there is no start time to compare here.
func KillExactly(pid int, _ uint64, _ func(pid int) uint64) error {
	return send(pid, syscall.SIGKILL)
}
