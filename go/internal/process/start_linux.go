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
	"unsafe"

	"golang.org/x/sys/unix"
)

func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// forkThread is a thread that forks, and is kept for as long as its children are to live: the parent-death signal comes
// when the thread that forked ends, not when the process does (prctl(2)).
type forkThread chan func()

func newForkThread() forkThread {
	work := make(forkThread)
	go func() {
		runtime.LockOSThread()
		for f := range work {
			f()
		}
	}()
	return work
}

func (t forkThread) start(program string, arguments []string, attr *syscall.ProcAttr) (pid int, err error) {
	done := make(chan struct{})
	t <- func() {
		pid, err = syscall.ForkExec(program, arguments, attr)
		close(done)
	}
	<-done
	return pid, err
}

func (t forkThread) close() { close(t) }

// adopts tells whether orphaned descendants become children of a subreaper here.
const adopts = true

// BecomeSubreaper makes orphaned descendants children of this process (Linux 3.4).
func BecomeSubreaper() error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("cannot become a subreaper: %w", err)
	}
	return nil
}

// siginfo is the part of siginfo_t that waitid(2) fills in, on 64-bit machines.
type siginfo struct {
	_   [3]int32 // signal number, error, code
	_   int32    // padding before a union that is aligned to 8 bytes
	pid int32
	_   [108]byte
}

// endedChild is a child that has ended, without reaping it.
func endedChild() (pid int, found bool) {
	var info siginfo
	for {
		err := unix.Waitid(unix.P_ALL, 0, (*unix.Siginfo)(unsafe.Pointer(&info)), unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return int(info.pid), err == nil && info.pid > 0
	}
}

// reap waits for a child that has ended.
func reap(pid int) (status syscall.WaitStatus) {
	for {
		if _, err := syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
			return status
		}
	}
}

// isChild tells whether a process is a child of this one, ended or not.
func isChild(pid int) bool {
	err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return !errors.Is(err, unix.ECHILD)
}

// hasChildren tells whether this process has a child, ended or not.
func hasChildren() bool {
	err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return !errors.Is(err, unix.ECHILD)
}

// children are the pids of the processes that are children of this one, ended ones too.
func children() []int {
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

// KillExactly kills the process with this number that was started at this time, in clock ticks since boot, and none
// that has the number after it. started tells the time of the process that has the number now.
func KillExactly(pid int, started uint64, startedNow func(pid int) uint64) error {
	descriptor, err := unix.PidfdOpen(pid, 0)
	switch {
	case errors.Is(err, unix.ESRCH):
		return nil
	case err != nil: // before Linux 5.3
		if startedNow(pid) == started {
			return send(pid, syscall.SIGKILL)
		}
		return nil
	}
	defer unix.Close(descriptor)
	// The descriptor stands for the process that is looked at, or for one that has ended.
	if startedNow(pid) != started {
		return nil
	}
	if err := unix.PidfdSendSignal(descriptor, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}
