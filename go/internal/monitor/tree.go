// Package monitor watches what workers do to the machine: memory beyond a limit, and workers that stand still. Its
// functions look and decide; they return requests and kill nobody.
package monitor

import (
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// Worker is a worker as the monitors see it.
type Worker struct {
	Number   int
	Slot     int
	Pid      int
	Identity string
	// Parent is the process that is the parent of its processors, 0 if it is the worker itself.
	Parent int
	// Spare is its spare processor, 0 if it has none.
	Spare int
	// Suspended are its processors that have given way to another one.
	Suspended []int
}

// tree is all processes by their parents, read at one time.
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

// under is a process and all of its descendants, the process first. What a task detaches stays among them: the parent of
// a worker's processors is a subreaper.
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
