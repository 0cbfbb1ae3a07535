package monitor

import (
	"slices"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// Level is how close a worker is to its limit.
type Level int

const (
	Fine Level = iota
	// Near is at least 90% of the limit.
	Near
	// Over is above the limit.
	Over
)

// Decision is the result for one worker.
type Decision struct {
	Worker Worker
	Level  Level
	Bytes  int64
	// Victims are the processes to kill when Level is Over: a processor, or a process that one has detached, and then its
	// descendants. It is empty if only the worker itself is left, which would take its queue with it.
	Victims []procfs.Process
}

// Memory compares the memory of workers with a limit. It counts shared pages in proportion (PSS), because workers share
// most of what the worker host has imported.
type Memory struct {
	limit int64 // in bytes
	root  string
}

// NewMemory returns a Memory with a limit in bytes.
func NewMemory(limit int64) *Memory { return &Memory{limit: limit, root: procfs.Root} }

// Decide measures the workers in one walk over /proc. PSS is only read for workers whose RSS is near the limit, because
// the kernel has to walk all their pages for it.
func (m *Memory) Decide(workers []Worker) ([]Decision, error) {
	t, err := readTree(m.root)
	if err != nil {
		return nil, err
	}
	decisions := make([]Decision, 0, len(workers))
	for _, w := range workers {
		decisions = append(decisions, m.decide(t, w))
	}
	return decisions, nil
}

func (m *Memory) decide(t tree, w Worker) Decision {
	all := t.under(w.Pid)
	bytes := map[int]int64{}
	var resident int64
	for _, pid := range all {
		bytes[pid] = procfs.ResidentBytes(m.root, pid)
		resident += bytes[pid]
	}
	// RSS counters lag by some MiB on machines with many CPUs (since Linux 6.2), hence the margin.
	if resident < m.limit-m.limit/4 {
		return Decision{Worker: w, Bytes: resident}
	}
	var total, hidden, largest int64
	for _, pid := range all {
		if share, err := procfs.ProportionalBytes(m.root, pid); err == nil {
			bytes[pid] = share
		} else { // not readable, or the process has just exited
			bytes[pid] = procfs.ResidentBytes(m.root, pid)
			hidden += bytes[pid]
			largest = max(largest, bytes[pid])
		}
		total += bytes[pid]
	}
	spare := bytes[w.Spare] // will be dropped before a task is killed
	decision := Decision{Worker: w, Bytes: total}
	switch {
	case total < m.limit-m.limit/10:
	// Processes whose PSS is not readable may share all their pages, apart from the largest one. Kill nothing for memory
	// that may have been counted twice.
	case total-spare-(hidden-largest) <= m.limit:
		decision.Level = Near
	default:
		decision.Level = Over
		decision.Victims = victims(w, t, bytes)
	}
	return decision
}

// victims returns the processor that uses most memory, and its descendants. Running processors and detached processes
// come first, suspended processors last: in Scaler up to 2.6.0 the death of a suspended processor ends or blocks its
// worker.
func victims(w Worker, t tree, bytes map[int]int64) (chosen []procfs.Process) {
	parent := w.Parent
	if parent == 0 {
		parent = w.Pid
	}
	for _, suspended := range []bool{false, true} {
		var most int64
		for _, candidate := range t.children[parent] {
			if candidate == w.Spare || slices.Contains(w.Suspended, candidate) != suspended {
				continue
			}
			var sum int64
			var processes []procfs.Process
			for _, pid := range t.under(candidate) {
				sum += bytes[pid]
				processes = append(processes, t.processes[pid])
			}
			if sum > most {
				most, chosen = sum, processes
			}
		}
		if chosen != nil {
			return chosen
		}
	}
	return nil
}
