package procfs

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// readNow is pread(2) at offset 0. It is a raw system call: see writeNow in package transport/stream.
func readNow(descriptor int, buffer []byte) (int, error) {
	n, _, failure := unix.RawSyscall6(
		unix.SYS_PREAD64, uintptr(descriptor),
		uintptr(unsafe.Pointer(unsafe.SliceData(buffer))), uintptr(len(buffer)), 0, 0, 0,
	)
	if failure != 0 {
		return 0, failure
	}
	return int(n), nil
}
