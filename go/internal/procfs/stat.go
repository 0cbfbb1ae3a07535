package procfs

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// ticksPerSecond is USER_HZ, in which the kernel tells CPU time: 100 on every architecture that Go runs on.
const ticksPerSecond = 100

// Stat is /proc/<pid>/stat held open: it costs one call to read, and never tells of another process that has the number
// by then. It is for one goroutine.
type Stat struct{ descriptor int }

// Usage is what a process uses of the machine.
type Usage struct {
	CPU      time.Duration // since its start, in user and kernel mode
	Resident uint64        // memory in bytes, without regard to sharing
}

// OpenStat opens the file of a process.
func OpenStat(root string, pid int) (*Stat, error) {
	descriptor, err := unix.Open(file(root, pid, "stat"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("open", err)
	}
	return &Stat{descriptor}, nil
}

// Read tells what the process uses now, and whether it is there.
func (s *Stat) Read() (usage Usage, ok bool) {
	if s == nil {
		return Usage{}, false
	}
	var buffer [1024]byte
	for {
		n, err := readNow(s.descriptor, buffer[:])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil || n <= 0 {
			return Usage{}, false
		}
		return parseUsage(buffer[:n])
	}
}

// Close closes the file.
func (s *Stat) Close() {
	if s != nil {
		_ = unix.Close(s.descriptor)
	}
}

// parseUsage reads fields 14, 15 and 24 of proc_pid_stat(5). The name, field 2, may hold blanks and parentheses.
func parseUsage(text []byte) (usage Usage, ok bool) {
	rest := text[bytes.LastIndexByte(text, ')')+1:]
	var values [3]uint64
	for field, found := 2, 0; found < len(values); field++ {
		rest = bytes.TrimLeft(rest, " ")
		word, after, more := bytes.Cut(rest, []byte(" "))
		if !more || len(word) == 0 {
			return Usage{}, false
		}
		if rest = after; field+1 == [...]int{14, 15, 24}[found] {
			value, err := strconv.ParseUint(string(word), 10, 64)
			if err != nil {
				return Usage{}, false
			}
			values[found] = value
			found++
		}
	}
	return Usage{
		CPU:      time.Duration(values[0]+values[1]) * time.Second / ticksPerSecond,
		Resident: values[2] * uint64(os.Getpagesize()),
	}, true
}
