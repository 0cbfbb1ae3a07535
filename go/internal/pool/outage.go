package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// outageWindow: worker exits this close to a scheduler outage are attributed to it.
const outageWindow = 10 * time.Second

func (SchedulerLost) apply(p *Pool) {
	p.outage = true
	if p.stopping {
		return
	}
	for _, d := range p.losses {
		if p.now.Sub(d.at) < outageWindow {
			p.desired++
			p.lost--
			if d.failed {
				p.failed--
				p.unreplaced--
			}
		}
	}
	p.losses = nil
}

const schedulerReplaced = "the scheduler was replaced: replacing its %d workers"

func (SchedulerGone) apply(p *Pool) { p.replaceAll(schedulerReplaced) }

func (HostMoved) apply(p *Pool) {
	for _, m := range p.workers {
		m.unheard = m.pid != 0
	}
	p.replaceAll("this host has another address: replacing its %d workers, whose connections are dead")
}

func (e SchedulerFound) apply(p *Pool) {
	if p.outage {
		p.outage, p.outageEnded = false, p.now
		// Deaths during an outage do not predict that the next worker fails.
		p.failures.reset()
	}
	if e.Another {
		p.replaceAll(schedulerReplaced)
	}
	p.reconcileUnlessStopping()
}

// replaceAll kills and replaces all workers that may have connected to the previous scheduler, or from the previous
// address. They are not asked to stop first: no client waits for their tasks, or gets a result of them; some hang in
// their disconnect, and a 2.3.3 scheduler that sends to a worker that is leaving blocks for good.
func (p *Pool) replaceAll(why string) {
	if p.stopping {
		return
	}
	old := p.sorted(func(s worker.State) bool {
		return s == worker.Running || s == worker.Registered || s == worker.Draining
	})
	if len(old) == 0 {
		return
	}
	p.log(logging.Info, why, len(old))
	for _, m := range old {
		m.replaceOnExit = m.state.Wanted()
		p.transition(m, worker.Kill)
	}
}

// pendingReplacements counts the workers that are replaced when they have exited. Until then their slots are taken.
func (p *Pool) pendingReplacements() (count int) {
	for _, m := range p.workers {
		if m.replaceOnExit {
			count++
		}
	}
	return count
}

// A loss is an unexpected exit that lowered the desired number.
type loss struct {
	at     time.Time
	failed bool
}

// acceptLoss lowers the desired number after a worker exited unexpectedly and is not replaced.
func (p *Pool) acceptLoss(failed bool) {
	if failed {
		p.unreplaced++
	}
	if p.desired == 0 {
		return // it was surplus, waiting for the cooldown
	}
	p.desired--
	p.lost++
	if !p.options.Restore {
		return
	}
	for len(p.losses) > 0 && p.now.Sub(p.losses[0].at) > outageWindow {
		p.losses = p.losses[1:]
	}
	p.losses = append(p.losses, loss{p.now, failed})
}

// inOutage reports whether the exit of a worker is attributed to a scheduler outage.
func (p *Pool) inOutage(m *member) bool {
	if !p.options.Restore {
		return false
	}
	return p.outage || m.requestedAt.Before(p.outageEnded) && p.now.Sub(p.outageEnded) < outageWindow
}
