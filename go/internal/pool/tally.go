package pool

import (
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// tallyTime is the least time between two lines that say how many workers are registered, and how long those that are
// on their way are waited for: a burst of workers is one line.
const tallyTime = time.Second

// tally is what was said of how many workers are registered.
type tally struct {
	said  time.Time // the last time
	since time.Time // when that number changed first after what was said; zero when it did not
	due   time.Time // when it is to be said; zero when it is not to be
}

// note says that the number has changed.
func (t *tally) note(now time.Time) {
	if t.since.IsZero() {
		t.since = now
	}
}

// tellRegistered says how many workers are registered, if that has changed, as soon as none is on its way.
func (p *Pool) tellRegistered() {
	t := &p.tally
	t.due = time.Time{}
	if t.since.IsZero() || !p.options.Tell || p.stopping {
		return
	}
	s := p.Snapshot()
	due := t.since.Add(tallyTime)
	if s.Stable() {
		due = t.said.Add(tallyTime)
	}
	if due.After(p.now) {
		t.due = due
		return
	}
	t.said, t.since = p.now, time.Time{}
	p.log(logging.Info, "%d of %d workers are registered", s.Registered, s.Desired)
}

// leftText says for the log how many workers are left after one that is not replaced, of those that were asked for.
func (p *Pool) leftText(replaced bool) string {
	if replaced || p.stopping {
		return ""
	}
	return fmt.Sprintf("; not replaced, %d of %d left", p.actual(), p.desired+p.declined)
}
