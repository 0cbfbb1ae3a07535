package monitor

import (
	"slices"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// Level says how near a worker is to its limit.
type Level int

const (
	Fine Level = iota
	// Near is from 90 % of the limit on.
	Near
	// Over is above the limit.
	Over
)

// Decision is what is found of one worker's memory.
type Decision struct {
	Worker Worker
	Level  Level
	Bytes  int64
	// Victims are what to kill when Level is Over: a processor, or what one has detached, and all of its descendants, in
	// this order. There is none when nothing is left but the worker itself, which would take its queue along.
	Victims []procfs.Process
}

// Memory holds workers against a limit. Shared pages are counted in proportion (PSS), because all workers
// share most of what the worker host has imported.
type Memory struct {
	limit int64 // in bytes
	root  string
}

// NewMemory makes one for a limit in bytes.
func NewMemory(limit int64) *Memory { return &Memory{limit: limit, root: procfs.Root} }

// Decide measures the workers, in one walk over /proc. A worker that is well below the limit even without regard to
// sharing is not looked at closer, as that costs the kernel a walk over all of its pages.
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
	// The counters of resident pages lag behind by some MiB on hosts with many CPUs (since Linux 6.2), hence the distance.
	if resident < m.limit-m.limit/4 {
		return Decision{Worker: w, Bytes: resident}
	}
	var total, hidden, largest int64
	for _, pid := range all {
		if share, err := procfs.ProportionalBytes(m.root, pid); err == nil {
			bytes[pid] = share
		} else { // the kernel hides its pages, or it has just ended
			bytes[pid] = procfs.ResidentBytes(m.root, pid)
			hidden += bytes[pid]
			largest = max(largest, bytes[pid])
		}
		total += bytes[pid]
	}
	spare := bytes[w.Spare] // dropped before a task is ended
	decision := Decision{Worker: w, Bytes: total}
	switch {
	case total < m.limit-m.limit/10:
	// Processes whose pages are hidden may share all but those of the largest one. Nobody is killed for memory that may
	// be counted twice.
	case total-spare-(hidden-largest) <= m.limit:
		decision.Level = Near
	default:
		decision.Level = Over
		decision.Victims = victims(w, t, bytes)
	}
	return decision
}

// victims are the processor that occupies most, and its descendants. Processors that run, and what was detached, come
// first, and suspended ones only if there is nothing else: in Scaler up to 2.6.0 the death of a suspended processor ends
// or blocks its worker.
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
