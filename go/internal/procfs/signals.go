package procfs

import (
	"bytes"
	"os"
	"slices"
	"strconv"
)

// Signals are sets of signals of a thread, with bit 0 for signal 1: pending for it or its process, blocked by it, and
// caught by its process.
type Signals struct{ Pending, Blocked, Caught uint64 }

// Has reports whether a signal is in a set.
func Has(set uint64, signal int) bool { return set&(1<<(signal-1)) != 0 }

// ReadSignals returns the signals of each thread of a process, by thread id; none if it does not exist. While a thread
// runs the handler of a signal, the signal is blocked in it, unless SA_NODEFER is set (sigaction(2)).
func ReadSignals(root string, pid int) map[int]Signals {
	folder := pathOf(root, pid, "task")
	threads, _ := Pids(folder)
	found := make(map[int]Signals, len(threads))
	for _, thread := range threads {
		text, err := os.ReadFile(pathOf(folder, thread, "status"))
		if err != nil {
			continue // the thread has just ended
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

// Children returns the children of a process, without zombies, sorted by pid.
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
