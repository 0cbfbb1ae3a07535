package cluster

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A Stat is what /proc/<pid>/stat says about a process.
type Stat struct {
	State         string // one letter, Z for a zombie
	Parent, Group int
}

// ReadStat reads /proc/<pid>/stat; ok is false when there is no such process.
func ReadStat(pid int) (s Stat, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return Stat{}, false
	}
	// The name in brackets may contain spaces.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	s.State = fields[0]
	s.Parent, _ = strconv.Atoi(fields[1])
	s.Group, _ = strconv.Atoi(fields[2])
	return s, true
}

// Alive tells whether a process exists and is not a zombie.
func Alive(pid int) bool {
	s, ok := ReadStat(pid)
	return ok && s.State != "Z"
}

// AwaitEnd waits until a process has ended. It need not be a child of this one.
func AwaitEnd(t testing.TB, what string, pid int, limit time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(limit); Alive(pid); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s (pid %d) has not ended %v later", what, pid, limit)
		}
	}
}

// Children returns the children of a process, with zombies. The kernel lists them by the thread that forked them.
func Children(pid int) []int {
	files, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	var list []int
	for _, file := range files {
		text, _ := os.ReadFile(file)
		for _, field := range strings.Fields(string(text)) {
			child, _ := strconv.Atoi(field)
			list = append(list, child)
		}
	}
	return list
}

// Descriptors counts the open files of a process.
func Descriptors(pid int) int {
	entries, _ := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	return len(entries)
}

// Resident returns the private resident bytes of a process, 0 if it is gone.
func Resident(pid int) int {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	fields := strings.Fields(string(text))
	if len(fields) < 3 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	shared, _ := strconv.Atoi(fields[2])
	return (pages - shared) * os.Getpagesize()
}

// ParentOf returns the parent of a process: the worker of a processor.
func ParentOf(t *testing.T, pid int) int {
	t.Helper()
	s, ok := ReadStat(pid)
	if !ok {
		t.Fatalf("process %d is gone", pid)
	}
	return s.Parent
}

// Descendants returns all living processes below one, in the order of their ids.
func Descendants(pid int) (list []int) {
	for next := Children(pid); len(next) > 0; {
		var deeper []int
		for _, child := range next {
			if Alive(child) {
				list = append(list, child)
			}
			deeper = append(deeper, Children(child)...)
		}
		next = deeper
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// IsTracker tells whether a process is Python's resource tracker.
func IsTracker(pid int) bool {
	command, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return bytes.Contains(command, []byte("resource tracker"))
}

// Niceness returns the niceness of a process; 0 is this one.
func Niceness(t *testing.T, pid int) int {
	t.Helper()
	priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, pid) // 20 less the niceness, as the system call has it
	if err != nil {
		t.Fatal(err)
	}
	return 20 - priority
}

// Kill sends SIGKILL to a process.
func Kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("cannot kill process %d: %v", pid, err)
	}
}

// Content returns the text of a file without the space around it.
func Content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// Threads counts the threads of a process.
func Threads(t *testing.T, pid int) int {
	t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
