package affinity

import (
	"fmt"
	"math/bits"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Allowed returns the CPUs that this process may use, in rising order: its own mask, within that of its cgroup and
// without those that are offline.
func Allowed() ([]int, error) {
	// unix.SchedGetaffinity knows 1024 CPUs; the kernel refuses a mask that is shorter than the one it was built for.
	for words := 1024 / bits.UintSize; ; words *= 2 {
		mask := make([]uint, words)
		size, _, errno := unix.RawSyscall(unix.SYS_SCHED_GETAFFINITY, uintptr(os.Getpid()),
			uintptr(words*bits.UintSize/8), uintptr(unsafe.Pointer(&mask[0])))
		switch {
		case errno == 0:
			return members(mask[:int(size)*8/bits.UintSize]), nil
		case errno != unix.EINVAL || words*bits.UintSize > highest:
			return nil, fmt.Errorf("cannot find out which CPUs may be used: %w", errno)
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
