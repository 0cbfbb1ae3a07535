package pool

import (
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// countLogInterval is the least time between two lines about registered workers, so that a burst of workers is one
// line. It is also how long a line waits for workers that have not registered yet.
const countLogInterval = time.Second

// countLog rate-limits the line about registered workers.
type countLog struct {
	logged  time.Time // when the last line was written
	changed time.Time // when the count first changed after that; zero if it did not
	due     time.Time // when the next line is due; zero if none is
}

func (c *countLog) countChanged(now time.Time) {
	if c.changed.IsZero() {
		c.changed = now
	}
}

// logRegistered logs a changed number of registered workers once all have registered, or after countLogInterval.
func (p *Pool) logRegistered() {
	c := &p.countLog
	c.due = time.Time{}
	if c.changed.IsZero() || !p.options.LogRegistered || p.stopping {
		return
	}
	s := p.Snapshot()
	due := c.changed.Add(countLogInterval)
	if s.Stable() {
		due = c.logged.Add(countLogInterval)
	}
	if due.After(p.now) {
		c.due = due
		return
	}
	c.logged, c.changed = p.now, time.Time{}
	p.log(logging.Info, "%d of %d workers are registered", s.Registered, s.Desired)
}

// remainingText says how many workers are left of those requested, for the log line about one that is not replaced.
func (p *Pool) remainingText(replaced bool) string {
	if replaced || p.stopping {
		return ""
	}
	return fmt.Sprintf("; not replaced, %d of %d left", p.actual(), p.desired+p.lost)
}
