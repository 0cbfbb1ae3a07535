package stream

import (
	"syscall"
	"unsafe"
)

// writeNow is write(2) on a descriptor that does not block. A RawSyscall, because Go's runtime wakes its monitor thread for
// any other call once it was idle, which costs more than the write.
func writeNow(descriptor uintptr, p []byte) (int, error) {
	n, _, failure := syscall.RawSyscall(
		syscall.SYS_WRITE, descriptor, uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)),
	)
	if failure != 0 {
		return 0, failure
	}
	return int(n), nil
}
