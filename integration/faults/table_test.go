package faults

import (
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

type faultCase struct {
	fault, mode string
	release     cluster.Release
}

// A faultRow holds the outcomes of a case; nil for a manager that was not tried.
type faultRow struct{ ours, theirs *outcome }

// spoilt tells whether the scheduler has spoilt the case. One manager is enough: the scheduler fails by chance, and
// neither manager should gain from that.
func (r *faultRow) spoilt() bool {
	return r.ours != nil && r.ours.spoilt || r.theirs != nil && r.theirs.spoilt
}

func (r *faultRow) of(ours bool) *outcome {
	if ours {
		return r.ours
	}
	return r.theirs
}

// A faultTable collects outcomes: ours, and the Python manager's.
type faultTable struct {
	order []faultCase
	mu    sync.Mutex
	cells map[faultCase]*faultRow // guarded by mu
}

func (f *faultTable) set(c faultCase, ours bool, o outcome) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.cells[c] == nil {
		f.cells[c] = &faultRow{}
	}
	if ours {
		f.cells[c].ours = &o
	} else {
		f.cells[c].theirs = &o
	}
}

// A total sums up the outcomes of one manager with one release. Of cases that the release's scheduler spoils only the
// manager's end and what it left count.
type total struct {
	cases, spoilt        int
	waited, back         int           // cases in which all workers can come back, and in which they did
	worst                time.Duration // the longest that it took
	byRule, lost, still  int           // tasks that fail by Scaler's rule, other lost tasks, clients that wait for ever
	twice, left, endless int
}

func (f *faultTable) total(r cluster.Release, ours bool) (sum total) {
	for _, c := range f.order {
		row := f.cells[c]
		if c.release != r || row == nil || row.of(ours) == nil {
			continue
		}
		o := row.of(ours)
		sum.cases++
		sum.left += o.left
		if o.stop < 0 {
			sum.endless++
		}
		if row.spoilt() {
			sum.spoilt++
			continue
		}
		sum.twice += o.twice
		if o.lost < 0 {
			sum.still++
		} else {
			byRule := min(o.lost, failsByRule(c.fault))
			sum.byRule += byRule
			sum.lost += o.lost - byRule
		}
		if o.waited {
			sum.waited++
			if o.back >= 0 {
				sum.back++
				sum.worst = max(sum.worst, o.back)
			}
		}
	}
	return sum
}

const processorKilled = "processor SIGKILL"

// failsByRule is how many tasks of a fault fail by Scaler's own rule: one whose processor is killed is not run again.
func failsByRule(fault string) int {
	if fault == processorKilled {
		return 1
	}
	return 0
}
