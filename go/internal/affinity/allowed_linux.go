package affinity

import (
	"fmt"
	"math/bits"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Allowed returns the CPUs that this process may use, in ascending order: its affinity mask, without CPUs that its
// cgroup excludes or that are offline.
func Allowed() ([]int, error) {
	// unix.SchedGetaffinity supports 1024 CPUs, and the kernel rejects a mask shorter than its own.
	for words := 1024 / bits.UintSize; ; words *= 2 {
		mask := make([]uint, words)
		size, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, uintptr(os.Getpid()),
			uintptr(words*bits.UintSize/8), uintptr(unsafe.Pointer(&mask[0])))
		switch {
		case errno == 0:
			return members(mask[:int(size)*8/bits.UintSize]), nil
		case errno != unix.EINVAL || words*bits.UintSize > highest:
			return nil, fmt.Errorf("cannot read the CPU affinity: %w", errno)
		}
	}
}

func members(mask []uint) []int {
	var cpus []int
	for i, word := range mask {
		for ; word != 0; word &= word - 1 {
			cpus = append(cpus, i*bits.UintSize+bits.TrailingZeros(word))
		}
	}
	return cpus
}
