package cgroup

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Used is the memory of a worker, without file pages, which the kernel drops before it kills anybody, and without what
// Allow exempted.
func (t *Tree) Used(slot int) (int64, error) {
	used, err := number(filepath.Join(t.of(slot), fileCurrent))
	if err != nil || used < t.limit/2 { // far from the limit: no need to know what it is made of
		return used, err
	}
	most, err := number(filepath.Join(t.of(slot), fileMax))
	if err != nil {
		return 0, err
	}
	used -= most - t.limit
	text, err := os.ReadFile(filepath.Join(t.of(slot), fileStat))
	if err != nil {
		return 0, err
	}
	for _, name := range []string{"active_file", "inactive_file", "slab_reclaimable"} {
		used -= int64(field(text, name))
	}
	return max(used, 0), nil
}

// Holds tells whether a process belongs to the worker in a slot.
func (t *Tree) Holds(slot, pid int) bool {
	text, _ := os.ReadFile(filepath.Join(t.of(slot), fileProcs))
	return slices.Contains(strings.Fields(string(text)), strconv.Itoa(pid))
}

// Kills counts the processes that the kernel has killed in a worker's cgroup.
func (t *Tree) Kills(slot int) uint64 { return kills(t.of(slot)) }

// AllKills counts those of all workers, including workers that have ended.
func (t *Tree) AllKills() uint64 { return kills(t.folder) }

func kills(folder string) uint64 {
	text, _ := os.ReadFile(filepath.Join(folder, fileEvents)) // no file: the cgroup was removed
	return field(text, "oom_kill")
}

// shared is the shared memory of a worker, and its files in memory.
func (t *Tree) shared(slot int) int64 {
	text, _ := os.ReadFile(filepath.Join(t.of(slot), fileStat)) // no file: the cgroup was removed
	return int64(field(text, "shmem"))
}

// number reads a file that holds a number only.
func number(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}

// field finds a number in a file that has a name and a number on each line.
func field(text []byte, name string) uint64 {
	for line := range bytes.Lines(text) {
		if words := bytes.Fields(line); len(words) == 2 && string(words[0]) == name {
			number, _ := strconv.ParseUint(string(words[1]), 10, 64)
			return number
		}
	}
	return 0
}
