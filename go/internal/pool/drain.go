package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/worker"
)

func (AgentsDrain) apply(p *Pool) { p.agentsDrain = true }

func (e Drain) apply(p *Pool) {
	if p.stopping {
		return
	}
	p.draining = true
	p.rollingRestart = nil
	p.cooldownAt = time.Time{}
	for _, m := range p.sorted(anyState) {
		if m.state.Wanted() {
			p.drainOrStop(m)
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
	for _, m := range p.sorted(func(s worker.State) bool { return s == worker.Draining }) { // surplus ones
		if p.options.DrainTimeout == 0 {
			p.transition(m, worker.Stop)
		} else {
			p.limitDrain(m, p.options.DrainTimeout)
		}
	}
}

// Draining reports whether the pool is draining or has drained.
func (p *Pool) Draining() bool { return p.draining }

// Drained reports whether the pool has drained. Workers that are stuck in the kernel after a kill do not count.
func (p *Pool) Drained() bool {
	for _, m := range p.workers {
		if m.state != worker.Killed || !m.deadline.IsZero() {
			return false
		}
	}
	return p.draining
}

// drainOrStop drains a worker, or stops it if it is idle and its agent cannot drain. An agent that can drain is always
// asked to: it may have received a task that the pool does not know of yet.
func (p *Pool) drainOrStop(m *member) {
	if m.busy || p.agentsDrain {
		p.transition(m, worker.Drain)
	} else {
		p.transition(m, worker.Stop)
	}
}

// limitDrain sets how long a draining worker may take before it is stopped; 0 for no limit.
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
	if m.state.Wanted() { // it had drained before it was undrained
		m.replaceOnExit = true
	}
	p.transition(m, worker.Stop)
}

func (e Resize) apply(p *Pool) {
	if p.stopping {
		return
	}
	p.options.Maximum = e.Maximum
	if e.Maximum != Unlimited {
		if p.desired > e.Maximum {
			p.setDesired(e.Maximum)
		}
		p.scaleDown(max(p.actual()-e.Maximum, 0))
	}
	p.reconcile()
}
