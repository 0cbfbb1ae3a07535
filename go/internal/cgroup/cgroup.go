// Package cgroup lets the kernel enforce a memory limit for each worker (Linux, cgroup v2). It only reads and writes
// files below a given folder.
//
// The manager's cgroup D becomes
//
//	D/manager    the manager and the worker host
//	D/worker-3   the worker in slot 3 with its processors and what its tasks start
//
// because a cgroup that enables the memory controller for its children may not hold processes itself. A page is
// charged to the cgroup that touches it first: what workers share with the host is charged to the manager. A worker is
// charged for what it allocates, copies, or puts into /dev/shm.
package cgroup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
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

	// retryInterval is the pause between attempts to remove a cgroup whose processes were killed.
	retryInterval = 5 * time.Millisecond
)

// Tree is the manager's cgroup and those of its workers. The methods that only read (usage.go) may be called by any
// goroutine; all others are for one goroutine.
type Tree struct {
	folder  string
	limit   int64
	made    map[int]bool  // by slot
	removed map[int]bool  // those of them that could not be removed yet
	allowed map[int]int64 // what Allow added to the limit, by slot
}

// Open prepares the manager's cgroup for those of workers: it moves this process into a child and enables the memory
// controller. On an error everything is as before.
func Open(place Place, limit int64) (*Tree, error) {
	if err := check(place); err != nil {
		return nil, err
	}
	t := &Tree{folder: place.Folder, limit: limit, made: map[int]bool{}, removed: map[int]bool{}, allowed: map[int]int64{}}
	stale, _ := filepath.Glob(filepath.Join(t.folder, ofWorkers+"*"))
	for _, folder := range stale {
		_ = os.Remove(folder) // of a manager that was killed; fails if it holds processes
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

// Make creates the cgroup of the worker in a slot, unless it exists, and returns its folder.
func (t *Tree) Make(slot int) (string, error) {
	folder := t.of(slot)
	if t.made[slot] && !t.removed[slot] {
		return folder, nil
	}
	_ = os.Remove(folder) // drops what the previous worker is charged for; fails while it still holds a process
	if err := os.Mkdir(folder, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	err := t.setMax(slot, 0)
	if err == nil {
		// With swap, a worker at its limit would thrash instead of being killed.
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

// Remove kills what is left in the cgroup of a worker that has ended, and removes it. If a process is not dead yet,
// Sweep tries again.
func (t *Tree) Remove(slot int) {
	if t.made[slot] {
		t.removed[slot] = true
		t.remove(slot)
	}
}

// Sweep retries failed removals, and lowers the limits that Allow raised, as files in /dev/shm go.
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

// Allow raises the limit of the worker in a slot by the memory that its files in /dev/shm take. A killed processor
// leaves them there, and without room beside them the next processor could not even start.
func (t *Tree) Allow(slot int) error { return t.setMax(slot, t.shared(slot)) }

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

// Close removes all cgroups and moves this process back. It waits until the patience is over for processes to die.
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

func (t *Tree) of(slot int) string {
	return filepath.Join(t.folder, ofWorkers+strconv.Itoa(slot))
}

// write writes to an existing file.
func write(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
