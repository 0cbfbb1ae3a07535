package process

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// ReturnProgram gives back the memory that maps the program itself. The kernel maps what is near to what is used as well,
// so that after a start nearly all of it is there; what is used again comes back from the page cache, 64 kB at a time.
func ReturnProgram() error {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return err
	}
	defer maps.Close()
	program, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return err
	}
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var begin, end uintptr
		var mode string
		if _, err := fmt.Sscanf(lines.Text(), "%x-%x %s", &begin, &end, &mode); err != nil {
			return err
		}
		// What may be written to would lose what was written.
		if mode[1] == '-' && strings.HasSuffix(lines.Text(), " "+program) {
			if err := dontNeed(begin, end-begin); err != nil {
				return err
			}
		}
	}
	return nil
}

// dontNeed is madvise(2) for memory that is none of Go's.
func dontNeed(begin, length uintptr) error {
	if _, _, failure := unix.Syscall(unix.SYS_MADVISE, begin, length, unix.MADV_DONTNEED); failure != 0 {
		return os.NewSyscallError("madvise", failure)
	}
	return nil
}
