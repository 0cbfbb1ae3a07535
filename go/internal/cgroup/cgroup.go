// Package cgroup has the kernel hold workers to a limit of memory: below the cgroup of the manager each worker has one of
// its own (Linux, cgroup v2). It works on files alone, below a folder that it is given.
//
// The manager's cgroup D becomes
//
//	D/manager    the manager and the worker host
//	D/worker-3   the worker in slot 3 with its processors and what its tasks start
//
// because a cgroup that hands the memory controller on to its children may hold no processes itself. A page is charged to
// the cgroup that touches it first: what workers share with the host stays with the manager, and a worker's limit is about
// what it allocates, copies, or puts into /dev/shm.
package cgroup

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The files of a cgroup (Documentation/admin-guide/cgroup-v2.rst of the kernel).
const (
	fileControllers = "cgroup.controllers"
	fileSubtree     = "cgroup.subtree_control"
	fileProcs       = "cgroup.procs"
	fileKill        = "cgroup.kill" // since 5.14
	fileType        = "cgroup.type" // not in the root
	fileMax         = "memory.max"
	fileSwapMax     = "memory.swap.max" // where the kernel counts swap
	fileCurrent     = "memory.current"
	fileStat        = "memory.stat"
	fileEvents      = "memory.events"
)

const (
	ofManager = "manager"
	ofWorkers = "worker-"

	// retryInterval is how soon a cgroup is looked at again whose processes were killed.
	retryInterval = 5 * time.Millisecond
)

// Tree is the manager's cgroup with those of its workers. Make, Remove, Sweep and Close are for one goroutine; the others
// only read, and are for any.
type Tree struct {
	folder  string
	limit   int64
	made    map[int]bool  // by slot
	removed map[int]bool  // those of them that still held a process
	allowed map[int]int64 // what each may have above the limit, by slot: see Allow
}

// Open makes the manager's cgroup into one that can have a limited one a worker, and moves this process within it. The
// error says why that cannot be, in a form that goes behind a colon; then all is as before.
func Open(place Place, limit int64) (*Tree, error) {
	if err := check(place); err != nil {
		return nil, err
	}
	t := &Tree{folder: place.Folder, limit: limit, made: map[int]bool{}, removed: map[int]bool{}, allowed: map[int]int64{}}
	stale, _ := filepath.Glob(filepath.Join(t.folder, ofWorkers+"*"))
	for _, folder := range stale {
		_ = os.Remove(folder) // of a manager that was killed; one that holds processes stays
	}
	own := filepath.Join(t.folder, ofManager)
	if err := os.Mkdir(own, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	err := write(filepath.Join(own, fileProcs), "0")
	if err == nil {
		if err = write(filepath.Join(t.folder, fileSubtree), "+memory"); err == nil {
			return t, nil
		}
		_ = write(filepath.Join(t.folder, fileProcs), "0")
	}
	_ = os.Remove(own)
	return nil, err
}

// Make makes the cgroup of the worker in a slot, unless there is one, and returns its folder.
func (t *Tree) Make(slot int) (string, error) {
	folder := t.of(slot)
	if t.made[slot] && !t.removed[slot] {
		return folder, nil
	}
	_ = os.Remove(folder) // for the charges of the last one not to count; it may hold a process yet
	if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	err := t.setMax(slot, 0)
	if err == nil {
		// With swap, a worker at its limit would keep the disk busy in place of ending.
		if err = write(filepath.Join(folder, fileSwapMax), "0"); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
	}
	if err != nil {
		_ = os.Remove(folder)
		return "", err
	}
	t.made[slot] = true
	delete(t.removed, slot)
	return folder, nil
}

// Remove removes the cgroup of a slot whose worker has ended, with what is left in it. Processes that take their time to
// die keep it; Sweep tries again.
func (t *Tree) Remove(slot int) {
	if t.made[slot] {
		t.removed[slot] = true
		t.remove(slot)
	}
}

// Sweep removes what Remove could not, and takes back what Allow gave and is not needed any more.
func (t *Tree) Sweep() {
	for slot := range t.removed {
		t.remove(slot)
	}
	for slot, allowed := range t.allowed {
		if now := t.shared(slot); now < allowed {
			_ = t.setMax(slot, now)
		}
	}
}

// Allow has what is in /dev/shm count no more for the worker in a slot. A processor that was killed leaves its files there,
// and those that follow it could not begin beside them.
func (t *Tree) Allow(slot int) error { return t.setMax(slot, t.shared(slot)) }

// shared is what a worker has put into shared memory and files in memory.
func (t *Tree) shared(slot int) int64 {
	text, _ := os.ReadFile(filepath.Join(t.of(slot), fileStat)) // one that was removed has none
	return int64(field(text, "shmem"))
}

func (t *Tree) setMax(slot int, allowed int64) error {
	err := write(filepath.Join(t.of(slot), fileMax), strconv.FormatInt(t.limit+allowed, 10))
	if err == nil {
		t.allowed[slot] = allowed
	}
	if err != nil || allowed == 0 {
		delete(t.allowed, slot)
	}
	return err
}

func (t *Tree) remove(slot int) {
	folder := t.of(slot)
	err := os.Remove(folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		_ = write(filepath.Join(folder, fileKill), "1")
		return
	}
	delete(t.removed, slot)
	delete(t.made, slot)
	delete(t.allowed, slot)
}

// Close removes all cgroups of workers, for which it waits so long, and moves this process back. What cannot be removed
// stays.
func (t *Tree) Close(patience time.Duration) error {
	for slot := range t.made {
		t.removed[slot] = true
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(retryInterval) {
		t.Sweep()
		if len(t.removed) == 0 {
			break
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d cgroups below %s still hold processes", len(t.removed), t.folder)
		}
	}
	for _, step := range [][2]string{{fileSubtree, "-memory"}, {fileProcs, "0"}} {
		if err := write(filepath.Join(t.folder, step[0]), step[1]); err != nil {
			return err
		}
	}
	return os.Remove(filepath.Join(t.folder, ofManager))
}

// Folder is the manager's cgroup.
func (t *Tree) Folder() string { return t.folder }

// Used is how much memory a worker has, without files that the kernel would drop before it denies memory, and without
// what it was allowed.
func (t *Tree) Used(slot int) (int64, error) {
	used, err := number(filepath.Join(t.of(slot), fileCurrent))
	if err != nil || used < t.limit/2 { // no matter what it is made of
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

// Holds tells whether a process is a worker's.
func (t *Tree) Holds(slot, pid int) bool {
	text, _ := os.ReadFile(filepath.Join(t.of(slot), fileProcs))
	return slices.Contains(strings.Fields(string(text)), strconv.Itoa(pid))
}

// Kills is how many processes of a worker the kernel has killed for their memory.
func (t *Tree) Kills(slot int) uint64 { return kills(t.of(slot)) }

// AllKills is how many of all workers, also of those that have ended.
func (t *Tree) AllKills() uint64 { return kills(t.folder) }

func kills(folder string) uint64 {
	text, _ := os.ReadFile(filepath.Join(folder, fileEvents)) // one that was removed has none
	return field(text, "oom_kill")
}

func (t *Tree) of(slot int) string {
	return filepath.Join(t.folder, ofWorkers+strconv.Itoa(slot))
}

// number is that of a file which holds nothing else.
func number(path string) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
}

// field is a number of a file with a name and a number a line.
func field(text []byte, name string) uint64 {
	for line := range bytes.Lines(text) {
		if words := bytes.Fields(line); len(words) == 2 && string(words[0]) == name {
			number, _ := strconv.ParseUint(string(words[1]), 10, 64)
			return number
		}
	}
	return 0
}

// write writes to a file that there is.
func write(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}

// check says why no cgroups can be made at a place.
func check(place Place) error {
	text, err := os.ReadFile(filepath.Join(place.Folder, fileControllers))
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(place.Folder, fileType)); err != nil {
		return fmt.Errorf("the manager is in the root cgroup %s", place.Folder)
	}
	if !slices.Contains(strings.Fields(string(text)), "memory") {
		return fmt.Errorf("%s has no memory controller", place.Folder)
	}
	if err := checkDelegated(place); err != nil {
		return err
	}
	if text, err = os.ReadFile(filepath.Join(place.Folder, fileProcs)); err != nil {
		return err
	}
	own, alone := strconv.Itoa(os.Getpid()), false
	for _, pid := range strings.Fields(string(text)) {
		if pid != own {
			return fmt.Errorf("%s is not the manager's alone: process %s is in it", place.Folder, pid)
		}
		alone = true
	}
	if !alone {
		return fmt.Errorf("the manager is not in %s", place.Folder)
	}
	return nil
}
