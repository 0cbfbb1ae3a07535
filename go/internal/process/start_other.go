//go:build !linux

package process

import "syscall"

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

func start(program string, arguments []string, attr *syscall.ProcAttr) (int, error) {
	return syscall.ForkExec(program, arguments, attr)
}

// Adopts tells whether orphaned descendants become children of a subreaper here.
const Adopts = false

// BecomeSubreaper does nothing here: orphans go to process 1, and what a worker
// detached from its process group outlives it.
func BecomeSubreaper() error { return nil }

// hasChildren says no: there is no asking without collecting one, and nobody is handed to this process.
func hasChildren() bool { return false }

// Children is empty here: nobody is handed to this process.
func Children() []int { return nil }
