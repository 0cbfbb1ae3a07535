// Package monitor watches workers that exceed their memory limit and workers that are stopped. It measures and decides,
// and leaves it to the caller to kill processes.
package monitor

import (
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// Worker is what the monitors have to know of a worker.
type Worker struct {
	Number   int
	Slot     int
	Pid      int
	Identity string
	// Parent is the pid of the parent of its processors, 0 if that is the worker itself.
	Parent int
	// Spare is the pid of its spare processor, 0 if it has none.
	Spare int
	// Suspended are the pids of its suspended processors.
	Suspended []int
}

// tree holds all processes and their children, read in one walk.
type tree struct {
	processes map[int]procfs.Process
	children  map[int][]int
}

func readTree(root string) (tree, error) {
	pids, err := procfs.Pids(root)
	if err != nil {
		return tree{}, fmt.Errorf("cannot list processes: %w", err)
	}
	t := tree{processes: make(map[int]procfs.Process, len(pids)), children: map[int][]int{}}
	for _, pid := range pids {
		process, ok := procfs.Read(root, pid)
		if !ok || process.State == procfs.Zombie || process.State == procfs.Dead {
			continue
		}
		t.processes[pid] = process
		t.children[process.Parent] = append(t.children[process.Parent], pid)
	}
	return t, nil
}

// under returns a process and all its descendants. These include processes that a task has detached, because the parent
// of a worker's processors is a subreaper.
func (t tree) under(pid int) []int {
	if _, there := t.processes[pid]; !there {
		return nil
	}
	found := []int{pid}
	for next := 0; next < len(found); next++ {
		found = append(found, t.children[found[next]]...)
	}
	return found
}
