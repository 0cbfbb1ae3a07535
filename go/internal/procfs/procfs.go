// Package procfs reads what Linux tells of processes under /proc: state, parent, start time and memory. On other
// systems it knows nothing, and says so by empty answers.
package procfs

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Root is where procfs is mounted.
const Root = "/proc"

// State is the one-letter state of a process (proc_pid_stat(5)).
type State byte

// The states that something here depends on.
const (
	Sleeping State = 'S' // until something happens, or a signal comes
	Stopped  State = 'T' // by a signal
	Traced   State = 't' // by a debugger
	Zombie   State = 'Z'
	Dead     State = 'X'
)

// Process is what /proc/<pid>/stat tells.
type Process struct {
	Pid    int
	Parent int
	State  State
	// Started is in clock ticks since boot. With the pid it names a process for good: the pid alone may be reused.
	Started uint64
}

// Pids lists all processes.
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

// Read tells about one process, and whether it is there.
func Read(root string, pid int) (Process, bool) {
	text, err := os.ReadFile(file(root, pid, "stat"))
	if err != nil {
		return Process{}, false
	}
	// The name may hold blanks and parentheses itself, so that fields are counted from the last one on.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 {
		return Process{}, false
	}
	process := Process{Pid: pid, State: State(fields[0][0])}
	process.Parent, _ = strconv.Atoi(fields[1])
	process.Started, _ = strconv.ParseUint(fields[19], 10, 64)
	return process, true
}

// ResidentBytes counts the pages of a process without regard to sharing. It is 0 for one that is not there any more,
// and for a zombie.
func ResidentBytes(root string, pid int) int64 {
	text, err := os.ReadFile(file(root, pid, "statm"))
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

// ProportionalBytes counts each page by its share (PSS). The kernel walks over all pages for it. It may hide them.
func ProportionalBytes(root string, pid int) (int64, error) {
	return rollup(root, pid, "Pss")
}

// PrivateBytes counts the pages that a process shares with nobody (USS): what would be free without it.
func PrivateBytes(root string, pid int) (int64, error) {
	return rollup(root, pid, "Private_Clean", "Private_Dirty")
}

// rollup is the sum of some figures of smaps_rollup.
func rollup(root string, pid int, names ...string) (sum int64, err error) {
	text, err := os.ReadFile(file(root, pid, "smaps_rollup"))
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

func file(root string, pid int, name string) string {
	return filepath.Join(root, strconv.Itoa(pid), name)
}
