package procfs

import (
	"bytes"
	"os"
	"slices"
	"strconv"
)

// Signals are sets of signals, each a bit from the lowest on, of a thread: those that wait for it or for its process,
// those that it blocks, and those that its process catches.
type Signals struct{ Pending, Blocked, Caught uint64 }

// Has tells whether a signal is in a set.
func Has(set uint64, signal int) bool { return set&(1<<(signal-1)) != 0 }

// ReadSignals tells of all threads of a process by their numbers; none if it is not there. A signal is blocked in a thread
// while that runs its handler, unless somebody asked for otherwise (sigaction(2)).
func ReadSignals(root string, pid int) map[int]Signals {
	folder := file(root, pid, "task")
	threads, _ := Pids(folder)
	found := make(map[int]Signals, len(threads))
	for _, thread := range threads {
		text, err := os.ReadFile(file(folder, thread, "status"))
		if err != nil {
			continue // it has just ended
		}
		found[thread] = Signals{
			Pending: signalSet(text, "SigPnd") | signalSet(text, "ShdPnd"),
			Blocked: signalSet(text, "SigBlk"),
			Caught:  signalSet(text, "SigCgt"),
		}
	}
	return found
}

func signalSet(status []byte, name string) uint64 {
	_, after, _ := bytes.Cut(status, []byte("\n"+name+":"))
	line, _, _ := bytes.Cut(after, []byte("\n"))
	set, _ := strconv.ParseUint(string(bytes.TrimSpace(line)), 16, 64)
	return set
}

// Children are the processes that have a parent, without zombies, in the order of their pids.
func Children(root string, parent int) ([]int, error) {
	pids, err := Pids(root)
	if err != nil {
		return nil, err
	}
	pids = slices.DeleteFunc(pids, func(pid int) bool {
		process, ok := Read(root, pid)
		return !ok || process.Parent != parent || process.State == Zombie || process.State == Dead
	})
	slices.Sort(pids)
	return pids, nil
}
