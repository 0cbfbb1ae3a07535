// Package procfs reads facts about processes and the machine from /proc on Linux. On other systems it returns zero
// values. Functions have a parameter root so that tests can replace /proc.
package procfs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Root is the mount point of procfs.
const Root = "/proc"

// State is the one-letter state of a process (proc_pid_stat(5)).
type State byte

// States that matter to this program.
const (
	Sleeping State = 'S' // until something happens, or a signal comes
	Stopped  State = 'T' // by a signal
	Traced   State = 't' // by a debugger
	Zombie   State = 'Z'
	Dead     State = 'X'
)

// Process has fields of /proc/PID/stat.
type Process struct {
	Pid    int
	Parent int
	State  State
	// Started is the start time in clock ticks since boot. Together with the pid, which may be reused, it identifies a
	// process.
	Started uint64
}

// Pids returns the pids of all processes.
func Pids(root string) ([]int, error) {
	folder, err := os.Open(root)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids, nil
}

// Read returns a process. ok is false if it does not exist.
func Read(root string, pid int) (process Process, ok bool) {
	text, err := os.ReadFile(pathOf(root, pid, "stat"))
	if err != nil {
		return Process{}, false
	}
	// The name may contain spaces and parentheses, so fields are counted from the last parenthesis.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 {
		return Process{}, false
	}
	process = Process{Pid: pid, State: State(fields[0][0])}
	process.Parent, _ = strconv.Atoi(fields[1])
	process.Started, _ = strconv.ParseUint(fields[19], 10, 64)
	return process, true
}

// ResidentBytes returns the RSS of a process. It is 0 for one that has ended, and for a zombie.
func ResidentBytes(root string, pid int) int64 {
	text, err := os.ReadFile(pathOf(root, pid, "statm"))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// ProportionalBytes returns the PSS of a process, for which the kernel walks all its pages. It needs permission to
// ptrace the process.
func ProportionalBytes(root string, pid int) (int64, error) {
	return rollup(root, pid, "Pss")
}

// PrivateBytes returns the USS of a process: the memory that its end would free.
func PrivateBytes(root string, pid int) (int64, error) {
	return rollup(root, pid, "Private_Clean", "Private_Dirty")
}

// rollup returns the sum of some fields of smaps_rollup, in bytes.
func rollup(root string, pid int, names ...string) (sum int64, err error) {
	text, err := os.ReadFile(pathOf(root, pid, "smaps_rollup"))
	if err != nil {
		return 0, err
	}
	for _, name := range names {
		_, after, found := bytes.Cut(text, []byte("\n"+name+":"))
		fields := strings.Fields(string(after))
		if !found || len(fields) == 0 {
			return 0, fmt.Errorf("no %s in smaps_rollup", name)
		}
		kibibytes, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return 0, err
		}
		sum += kibibytes * 1024
	}
	return sum, nil
}

func pathOf(root string, pid int, name string) string {
	return filepath.Join(root, strconv.Itoa(pid), name)
}
