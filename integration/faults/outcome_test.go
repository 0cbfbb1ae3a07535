package faults

import (
	"fmt"
	"strings"
	"time"
)

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func (o outcome) String() string {
	var words []string
	switch {
	case o.waited && o.back < 0:
		words = append(words, "not back")
	case o.waited:
		words = append(words, "back "+seconds(o.back))
	}
	if o.rerun > 0 {
		words = append(words, "rerun "+seconds(o.rerun))
	}
	if o.lost < 0 {
		words = append(words, "client stands still")
	} else {
		words = append(words, fmt.Sprintf("lost %d", o.lost))
	}
	words = append(words, fmt.Sprintf("twice %d, left %d", o.twice, o.left))
	if o.stop < 0 {
		words = append(words, "does not end")
	} else {
		words = append(words, "ends in "+seconds(o.stop))
	}
	return strings.Join(words, ", ")
}

// misses tells whether an outcome is not as required, apart from the manager's end and what it leaves, which no
// scheduler excuses. Of the Python manager it is lost tasks alone that may be the scheduler's fault: it does not
// replace workers.
func (o outcome) misses(w want, ours bool) bool {
	if o.lost < 0 || o.lost > w.lost {
		return true
	}
	late := o.waited && (o.back < 0 || o.back > w.back)
	slow := w.rerun > 0 && o.rerun > w.rerun
	return ours && (late || slow || o.twice > 0)
}
