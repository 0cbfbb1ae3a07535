package procfs

import (
	"bytes"
	"errors"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// ticksPerSecond is USER_HZ, the unit of CPU time: 100 on every architecture that Go supports.
const ticksPerSecond = 100

// Stat is an open /proc/PID/stat. Reading it is one system call, and never returns another process that has reused the
// pid. It is not safe for concurrent use.
type Stat struct{ fd int }

// Usage is the resource usage of a process.
type Usage struct {
	CPU      time.Duration // user and system time since its start
	Resident uint64        // RSS in bytes
}

// OpenStat opens the file of a process.
func OpenStat(root string, pid int) (*Stat, error) {
	descriptor, err := unix.Open(pathOf(root, pid, "stat"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("open", err)
	}
	return &Stat{descriptor}, nil
}

// Read returns the current usage. ok is false if the process has ended.
func (s *Stat) Read() (usage Usage, ok bool) {
	if s == nil {
		return Usage{}, false
	}
	var buffer [1024]byte
	for {
		n, err := readNow(s.fd, buffer[:])
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
		_ = unix.Close(s.fd)
	}
}

// parseUsage parses fields 14, 15 and 24 of proc_pid_stat(5). Field 2, the name, may contain spaces and parentheses.
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
