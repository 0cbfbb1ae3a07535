package top

import (
	"cmp"
	"slices"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Order is what the workers are sorted by.
type Order int

// The orders, each with the greatest first but the numbers.
const (
	ByCPU Order = iota
	ByMemory
	ByTaskAge
	ByNumber
)

// sort keeps workers that are equal in the order of their numbers, so that the table stands still.
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
		// As the screen has it: what is equal there is no reason for lines to change their places.
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
