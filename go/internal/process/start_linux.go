package process

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// start forks on a thread that is kept for good: the parent-death signal comes when
// the thread that forked ends, not when the process does (prctl(2)).
func start(program string, arguments []string, attr *syscall.ProcAttr) (pid int, err error) {
	done := make(chan struct{})
	keeper <- func() {
		pid, err = syscall.ForkExec(program, arguments, attr)
		close(done)
	}
	<-done
	return pid, err
}

var keeper = func() chan<- func() {
	work := make(chan func())
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
}()

// Adopts tells whether orphaned descendants become children of a subreaper here.
const Adopts = true

// BecomeSubreaper makes orphaned descendants children of this process (Linux 3.4).
func BecomeSubreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot become a subreaper: %w", err)
	}
	return nil
}

// hasChildren tells whether this process has a child, ended or not.
func hasChildren() bool {
	err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return !errors.Is(err, unix.ECHILD)
}

// Children are the pids of the processes that are children of this one, ended ones too.
func Children() []int {
	var pids []int
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread that has just ended has no children
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
