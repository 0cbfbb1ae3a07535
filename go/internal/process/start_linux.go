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

// forkThread is a thread that forks children and lives as long as they should: the kernel sends the parent-death signal
// when the forking thread exits, not the process (prctl(2)).
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

// adopts reports whether orphaned descendants become children of a subreaper on this system.
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

// endedChild returns a child that has exited, without reaping it.
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

// reap reaps a child that has exited.
func reap(pid int) (status syscall.WaitStatus) {
	for {
		if _, err := syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
			return status
		}
	}
}

// isChild reports whether a process is a child of this one, running or a zombie.
func isChild(pid int) bool {
	err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return !errors.Is(err, unix.ECHILD)
}

// hasChildren reports whether this process has a child, running or a zombie.
func hasChildren() bool {
	err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT, nil)
	return !errors.Is(err, unix.ECHILD)
}

// children returns the pids of all children, including zombies.
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

// KillExactly kills the process that has this pid and was started at this time, in clock ticks since boot, but no later
// process with the same pid. startedNow returns the start time of the process that has the pid now.
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
	// The descriptor refers to the process whose start time is read now, or to one that has exited.
	if startedNow(pid) != started {
		return nil
	}
	if err := unix.PidfdSendSignal(descriptor, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return err
	}
	return nil
}
