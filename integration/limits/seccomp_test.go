package limits

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A denial has a system call fail, or if mask is set, only calls with one of these bits in an argument.
type denial struct {
	call     uint32
	errno    syscall.Errno
	argument uint32
	mask     uint32
}

// Offsets in struct seccomp_data.
const (
	offsetOfCall      = 0
	offsetOfArguments = 16
)

// deny installs the filter, which lasts over execve.
func (p *place) deny() {
	if len(p.filter) == 0 {
		return
	}
	const load, equal, bits, answer = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K,
		unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	var program []unix.SockFilter
	for _, d := range p.filter {
		refuse := unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(d.errno)}
		program = append(program, unix.SockFilter{Code: load, K: offsetOfCall})
		if d.mask == 0 {
			program = append(program, unix.SockFilter{Code: equal, K: d.call, Jf: 1}, refuse)
			continue
		}
		program = append(program, unix.SockFilter{Code: equal, K: d.call, Jf: 3},
			unix.SockFilter{Code: load, K: offsetOfArguments + 8*d.argument},
			unix.SockFilter{Code: bits, K: d.mask, Jf: 1}, refuse)
	}
	program = append(program, unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW})
	filter := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	must("no new privileges", unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	must("filter system calls", unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER,
		uintptr(unsafe.Pointer(&filter)), 0, 0))
}

func (p *place) refuse(errno syscall.Errno, calls ...uint32) {
	for _, call := range calls {
		p.filter = append(p.filter, denial{call: call, errno: errno})
	}
}

// newerCalls are those that old container runtimes do not know.
var newerCalls = []uint32{unix.SYS_CLONE3, unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_GETFD, unix.SYS_PIDFD_SEND_SIGNAL,
	unix.SYS_CLOSE_RANGE, unix.SYS_OPENAT2, unix.SYS_FACCESSAT2, unix.SYS_EPOLL_PWAIT2, unix.SYS_FUTEX_WAITV}

// privateCalls are those that container runtimes refuse to processes without privileges.
var privateCalls = []uint32{unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV,
	unix.SYS_USERFAULTFD, unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_KEYCTL, unix.SYS_KCMP, unix.SYS_MEMFD_CREATE, unix.SYS_IO_URING_SETUP, unix.SYS_PIVOT_ROOT}

const namespaces = unix.CLONE_NEWNS | unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC |
	unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP
