package stream

import (
	"syscall"
	"unsafe"
)

// writeNow and readNow are write(2) and read(2) on a non-blocking descriptor. They are raw system calls, because others
// make Go's runtime wake its monitor thread if that was idle, which costs more than the call itself.

func writeNow(descriptor uintptr, p []byte) (int, error) {
	return now(syscall.SYS_WRITE, descriptor, p)
}

func readNow(descriptor uintptr, p []byte) (int, error) { return now(syscall.SYS_READ, descriptor, p) }

func now(call, descriptor uintptr, p []byte) (int, error) {
	n, _, failure := syscall.RawSyscall(call, descriptor, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if failure != 0 {
		return 0, failure
	}
	return int(n), nil
}
