package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A stat is what the kernel says of a process.
type stat struct {
	state         string // one letter, Z for a zombie
	parent, group int
}

// readStat reads /proc/<pid>/stat; ok is false when there is no such process.
func readStat(pid int) (s stat, ok bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}, false
	}
	// The name in brackets may hold blanks.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	s.state = fields[0]
	s.parent, _ = strconv.Atoi(fields[1])
	s.group, _ = strconv.Atoi(fields[2])
	return s, true
}

// alive tells whether there is a process that is no zombie.
func alive(pid int) bool {
	s, ok := readStat(pid)
	return ok && s.state != "Z"
}

// awaitEnd waits for the end of a process that need not be a child.
func awaitEnd(t testing.TB, what string, pid int, limit time.Duration) {
	t.Helper()
	for deadline := time.Now().Add(limit); alive(pid); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s (pid %d) lives on %v later", what, pid, limit)
		}
	}
}

// children returns the direct children of a process, zombies too. The kernel lists them by the thread that forked.
func children(pid int) []int {
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

// descriptors counts the open files of a process.
func descriptors(pid int) int {
	entries, _ := os.ReadDir("/proc/" + strconv.Itoa(pid) + "/fd")
	return len(entries)
}

// resident returns the bytes of a process that are in memory and its own, 0 if it is gone.
func resident(pid int) int {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/statm")
	fields := strings.Fields(string(text))
	if len(fields) < 3 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	shared, _ := strconv.Atoi(fields[2])
	return (pages - shared) * os.Getpagesize()
}
