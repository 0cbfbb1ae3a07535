//go:build !linux

package process

import (
	"errors"
	"syscall"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// forkThread needs no thread of its own where there is no parent-death signal.
type forkThread struct{}

func newForkThread() forkThread { return forkThread{} }

func (forkThread) start(program string, arguments []string, attr *syscall.ProcAttr) (int, error) {
	return syscall.ForkExec(program, arguments, attr)
}

func (forkThread) close() {}

// adopts tells whether orphaned descendants become children of a subreaper here.
const adopts = false

// BecomeSubreaper does nothing here: orphans go to process 1, and what a worker
// detached from its process group outlives it.
func BecomeSubreaper() error { return nil }

// reapedAhead is the status of the child that endedChild found: there is no look without reaping here. Nobody is handed
// to this process, so that no group needs its leader's number.
var reapedAhead syscall.WaitStatus

// endedChild is called with the lock of Children held.
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

// isChild says no: nobody is handed to this process.
func isChild(int) bool { return false }

// hasChildren says no: there is no asking without reaping.
func hasChildren() bool { return false }

// children is empty here: nobody is handed to this process.
func children() []int { return nil }

// KillExactly kills the process with this number: there is no start time to hold it against here.
func KillExactly(pid int, _ uint64, _ func(pid int) uint64) error {
	return send(pid, syscall.SIGKILL)
}
