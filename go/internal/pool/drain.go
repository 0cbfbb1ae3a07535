package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

func (AgentsDrain) apply(p *Pool) { p.agentsDrain = true }

func (e Drain) apply(p *Pool) {
	if p.stopping {
		return
	}
	p.draining = true
	p.rolling = nil
	p.cooldownAt = time.Time{}
	for _, m := range p.sorted(anyState) {
		if m.state.Wanted() {
			p.letGo(m)
		}
		if m.state == worker.Draining {
			p.limitDrain(m, e.Deadline)
		}
	}
}

func (Resume) apply(p *Pool) {
	if p.stopping || !p.draining {
		return
	}
	p.draining = false
	p.reconcile()
	for _, m := range p.sorted(func(s worker.State) bool { return s == worker.Draining }) { // these are not wanted
		if p.options.DrainTimeout == 0 {
			p.on(m, worker.Stop)
		} else {
			p.limitDrain(m, p.options.DrainTimeout)
		}
	}
}

// Draining tells whether the pool drains, or has drained.
func (p *Pool) Draining() bool { return p.draining }

// Drained tells whether no worker is left of a pool that drains, but for those that the kernel does not let go of.
func (p *Pool) Drained() bool {
	for _, m := range p.workers {
		if m.state != worker.Killed || !m.deadline.IsZero() {
			return false
		}
	}
	return p.draining
}

// letGo has a worker finish its tasks and end. An idle one whose agent cannot drain ends at once; one whose agent can
// may have got a task that is not known here yet.
func (p *Pool) letGo(m *member) {
	if m.busy || p.agentsDrain {
		p.on(m, worker.Drain)
	} else {
		p.on(m, worker.Stop)
	}
}

// limitDrain has a worker that drains be stopped after a time, 0 for no limit.
func (p *Pool) limitDrain(m *member, limit time.Duration) {
	m.drainTime, m.deadline = limit, time.Time{}
	if limit > 0 {
		m.deadline = p.now.Add(limit)
	}
}

func (e Drained) apply(p *Pool) {
	m := p.workers[e.Worker]
	if m == nil {
		return
	}
	if m.state.Wanted() { // it was told too late that it is to stay
		m.renewed = true
	}
	p.on(m, worker.Stop)
}

func (e Resize) apply(p *Pool) {
	if p.stopping {
		return
	}
	p.options.Maximum = e.Maximum
	if e.Maximum != Unlimited {
		if p.desired > e.Maximum {
			p.log(logging.Info, "desired workers: %d -> %d, there are %d", p.desired, e.Maximum, p.actual())
			p.desired = e.Maximum
		}
		p.dismissSome(max(p.actual()-e.Maximum, 0))
	}
	p.reconcile()
}
