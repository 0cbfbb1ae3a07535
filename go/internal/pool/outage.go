package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// outageWindow is how close to an outage of the scheduler the end of a worker is attributed to it.
const outageWindow = 10 * time.Second

func (SchedulerLost) apply(p *Pool) {
	p.outage = true
	if p.stopping {
		return
	}
	for _, d := range p.declines {
		if p.now.Sub(d.at) < outageWindow {
			p.desired++
			p.declined--
			if d.failed {
				p.failed--
				p.unreplaced--
			}
		}
	}
	p.declines = nil
}

func (SchedulerGone) apply(p *Pool) { p.renew() }

func (e SchedulerFound) apply(p *Pool) {
	if p.outage {
		p.outage, p.foundAt = false, p.now
		// Deaths for want of a scheduler say nothing of the next ones.
		p.failures.reset()
	}
	if e.Another {
		p.renew()
	}
	p.reconcileUnlessStopping()
}

// renew kills all workers that may have met the scheduler that is gone, to have others come in their place. They are
// not asked to end: nobody waits for their tasks, some hang in their disconnect, and a scheduler of 2.3.3 that sends to
// a worker while it goes stands still.
func (p *Pool) renew() {
	if p.stopping {
		return
	}
	old := p.sorted(func(s worker.State) bool {
		return s == worker.Running || s == worker.Registered || s == worker.Draining
	})
	if len(old) == 0 {
		return
	}
	p.log(logging.Info, "%d workers have lost their scheduler for good: replacing them", len(old))
	for _, m := range old {
		m.renewed = m.state.Wanted()
		p.on(m, worker.Kill)
	}
}

// renewing is how many workers are about to be replaced: each when it has ended, so that two never have one slot.
func (p *Pool) renewing() (count int) {
	for _, m := range p.workers {
		if m.renewed {
			count++
		}
	}
	return count
}

// A decline is the end of a worker for which fewer are desired.
type decline struct {
	at     time.Time
	failed bool
}

// decline has one worker less after an end that nobody asked for.
func (p *Pool) decline(failed bool) {
	if failed {
		p.unreplaced++
	}
	if p.desired == 0 {
		return // more are there than desired, until the cooldown is over
	}
	p.desired--
	p.declined++
	if !p.options.Restore {
		return
	}
	for len(p.declines) > 0 && p.now.Sub(p.declines[0].at) > outageWindow {
		p.declines = p.declines[1:]
	}
	p.declines = append(p.declines, decline{p.now, failed})
}

// inOutage tells whether a worker's end is attributed to an outage.
func (p *Pool) inOutage(m *member) bool {
	if !p.options.Restore {
		return false
	}
	return p.outage || m.asked.Before(p.foundAt) && p.now.Sub(p.foundAt) < outageWindow
}
