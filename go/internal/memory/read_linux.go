package memory

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Read measures groups of processes by the pid of their leader, in one walk over /proc. A group for which even the resident
// pages, without regard to sharing, are well below the limit in bytes is not looked at closer, as that costs the
// kernel a walk over all its pages; its usage is not Exact. Nor is it where the kernel hides the pages of a process.
// A group without living processes has no usage.
func Read(groups []int, limit int64) (map[int]Usage, error) {
	return read("/proc", unix.Getpgid, groups, limit)
}

func read(proc string, groupOf func(pid int) (int, error), groups []int, limit int64) (map[int]Usage, error) {
	pids, err := list(proc)
	if err != nil {
		return nil, fmt.Errorf("cannot measure the memory of workers: %w", err)
	}
	wanted := make(map[int]bool, len(groups))
	for _, group := range groups {
		wanted[group] = true
	}
	usages := make(map[int]Usage, len(groups))
	for _, pid := range pids {
		// One cheap system call, where /proc/<pid>/stat costs three dear ones: a host may have thousands of processes.
		group, err := groupOf(pid)
		if err != nil || !wanted[group] {
			continue
		}
		// A process that vanishes meanwhile, and a zombie, occupies nothing.
		if resident := residentBytes(proc, pid); resident > 0 {
			usage := usages[group]
			usage.Total += resident
			usage.Processes = append(usage.Processes, Process{Pid: pid, Bytes: resident})
			usages[group] = usage
		}
	}
	for group, usage := range usages {
		if worthReading(usage.Total, limit) {
			usages[group] = exact(proc, usage)
		}
	}
	return usages, nil
}

// exact measures the processes of a usage again, each with its share of what it shares.
func exact(proc string, rough Usage) Usage {
	usage := Usage{Exact: true}
	for _, process := range rough.Processes {
		started := startTime(proc, process.Pid)
		if started == 0 {
			continue
		}
		process.Started = started
		if share, err := proportionalBytes(proc, process.Pid); err == nil {
			process.Bytes = share
		} else {
			usage.Exact = false
		}
		usage.Total += process.Bytes
		usage.Processes = append(usage.Processes, process)
	}
	return usage
}

// list returns the pids of all processes.
func list(proc string) ([]int, error) {
	folder, err := os.Open(proc)
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

// residentBytes is 0 for a process that is not there any more.
func residentBytes(proc string, pid int) int64 {
	text, err := os.ReadFile(file(proc, pid, "statm"))
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

func proportionalBytes(proc string, pid int) (int64, error) {
	text, err := os.ReadFile(file(proc, pid, "smaps_rollup"))
	if err != nil {
		return 0, err
	}
	_, after, found := bytes.Cut(text, []byte("\nPss:"))
	fields := strings.Fields(string(after))
	if !found || len(fields) == 0 {
		return 0, errors.New("no Pss")
	}
	kibibytes, err := strconv.ParseInt(fields[0], 10, 64)
	return kibibytes * 1024, err
}

// startTime is in clock ticks since boot, 0 for a process that has ended.
func startTime(proc string, pid int) uint64 {
	text, err := os.ReadFile(file(proc, pid, "stat"))
	if err != nil {
		return 0
	}
	// The name of the program may hold anything, so the fields are counted from its last parenthesis on.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return 0
	}
	ticks, _ := strconv.ParseUint(fields[19], 10, 64)
	return ticks
}

func file(proc string, pid int, name string) string {
	return filepath.Join(proc, strconv.Itoa(pid), name)
}
