package procfs

import (
	"bytes"
	"os"
	"strconv"
	"strings"
)

// unlimited is a lower bound of the value that means no limit in cgroup v1.
const unlimited = 1 << 62

// Memory returns the memory limit of the cgroup, or else the memory of the machine, and how much of that is free, in
// bytes.
func Memory() (limit, free uint64) {
	for _, names := range [][2]string{
		{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"},
		{"/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"},
	} {
		most, ok := readNumber(names[0])
		used, known := readNumber(names[1])
		if ok && known && most < unlimited {
			return most, most - min(used, most)
		}
	}
	text, _ := os.ReadFile(Root + "/meminfo")
	return meminfo(text, "MemTotal:"), meminfo(text, "MemAvailable:")
}

func readNumber(path string) (uint64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	number, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64)
	return number, err == nil // "max" in cgroup v2
}

func meminfo(text []byte, name string) uint64 {
	_, after, _ := bytes.Cut(text, []byte(name))
	fields := strings.Fields(string(after[:min(len(after), 64)]))
	if len(fields) == 0 {
		return 0
	}
	kibibytes, _ := strconv.ParseUint(fields[0], 10, 64)
	return kibibytes * 1024
}

// Network returns the number of bytes that all interfaces together have sent and received.
func Network() (sent, received uint64) {
	text, _ := os.ReadFile(Root + "/net/dev")
	for _, line := range strings.Split(string(text), "\n") {
		_, counters, found := strings.Cut(line, ":")
		fields := strings.Fields(counters)
		if !found || len(fields) < 9 {
			continue
		}
		in, _ := strconv.ParseUint(fields[0], 10, 64)
		out, _ := strconv.ParseUint(fields[8], 10, 64)
		received, sent = received+in, sent+out
	}
	return sent, received
}
