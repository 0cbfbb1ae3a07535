package top

import (
	"cmp"
	"slices"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Order is the key that workers are sorted by.
type Order int

// All but ByNumber sort descending.
const (
	ByCPU Order = iota
	ByMemory
	ByTaskAge
	ByNumber
)

// sort orders equal workers by number, so that rows do not move without a reason.
func (o Order) sort(members []state.Worker, now time.Time, reverse bool) {
	slices.SortStableFunc(members, func(a, b state.Worker) int {
		order := o.compare(a, b, now)
		if reverse {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(a.Number, b.Number))
	})
}

func (o Order) compare(a, b state.Worker, now time.Time) int {
	switch o {
	case ByCPU:
		// Rounded as on the screen, so that workers that look equal keep their rows.
		return cmp.Compare(int(b.CPU*100+0.5), int(a.CPU*100+0.5))
	case ByMemory:
		return cmp.Compare(b.Memory, a.Memory)
	case ByTaskAge:
		return cmp.Compare(taskAge(b, now), taskAge(a, now))
	}
	return cmp.Compare(a.Number, b.Number)
}

func taskAge(w state.Worker, now time.Time) time.Duration {
	if task := Current(w); task != nil {
		return now.Sub(task.Began)
	}
	return -1
}
