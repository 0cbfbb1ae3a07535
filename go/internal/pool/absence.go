package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// aftermath is how long before and after a time without a scheduler the end of a worker is put down to that.
const aftermath = 10 * time.Second

// SchedulerLost says that there is no scheduler. Until there is one nobody is started: a worker would end again, or
// connect in a way that it does not survive.
func (p *Pool) SchedulerLost() {
	p.do(func() {
		p.schedulerless = true
		for _, e := range p.ends {
			if time.Since(e.at) < aftermath {
				p.desired++
				if e.failed {
					p.failed--
				}
			}
		}
		p.ends = nil
	})
}

// SchedulerGone says that the next scheduler will be another one. To that the workers are of no use: those of YMQ take
// the greeting of a new connection for a message, and hear nothing from then on (2.3.3 and 2.9.0), but make themselves
// known. They are killed before that can be, and replaced when there is a scheduler.
func (p *Pool) SchedulerGone() { p.do(p.renew) }

// SchedulerFound says that there is a scheduler, and whether it is another one.
func (p *Pool) SchedulerFound(another bool) {
	p.do(func() {
		if p.schedulerless {
			p.schedulerless, p.foundAt = false, time.Now()
			// Deaths for want of a scheduler say nothing of the next ones.
			p.youngDeaths, p.youngRounds, p.retryAt = 0, 0, time.Time{}
			if p.retry != nil {
				p.retry.Stop()
				p.retry = nil
			}
		}
		if another {
			p.renew()
		}
		if !p.stopping {
			p.reconcile()
		}
	})
}

// renew has others come in the place of all workers that may have met the scheduler that is gone. They are killed, not
// asked: nobody waits for their tasks, some hang in taking leave, and a scheduler of 2.3.3 that sends to a worker while
// it goes stands still.
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
	p.options.Log.Infof("%d workers have lost their scheduler for good: replacing them", len(old))
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

// An end is one for which fewer workers are desired.
type end struct {
	at     time.Time
	failed bool
}

// fewer has one worker less after an end that nobody asked for.
func (p *Pool) fewer(failed bool) {
	p.desired = max(p.desired-1, 0)
	if !p.options.Constant {
		return
	}
	now := time.Now()
	for len(p.ends) > 0 && now.Sub(p.ends[0].at) > aftermath {
		p.ends = p.ends[1:]
	}
	p.ends = append(p.ends, end{now, failed})
}

// excused tells whether a worker's end is put down to a time without a scheduler.
func (p *Pool) excused(m *member) bool {
	if !p.options.Constant {
		return false
	}
	return p.schedulerless || m.asked.Before(p.foundAt) && time.Since(p.foundAt) < aftermath
}
