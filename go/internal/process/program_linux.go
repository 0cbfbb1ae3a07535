package process

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// ReturnProgram unmaps the pages of this program's executable. The kernel maps neighbouring pages on each page fault,
// so that after a start nearly all are mapped; those still in use come back from the page cache, 64 KiB at a time.
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
		// Skip writable mappings: their contents would be lost.
		if mode[1] == '-' && strings.HasSuffix(lines.Text(), " "+program) {
			if err := dontNeed(begin, end-begin); err != nil {
				return err
			}
		}
	}
	return nil
}

// dontNeed is madvise(MADV_DONTNEED) for memory that Go does not manage.
func dontNeed(begin, length uintptr) error {
	if _, _, failure := unix.Syscall(unix.SYS_MADVISE, begin, length, unix.MADV_DONTNEED); failure != 0 {
		return os.NewSyscallError("madvise", failure)
	}
	return nil
}
