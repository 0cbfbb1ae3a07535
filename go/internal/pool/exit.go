package pool

import (
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// What happens when a worker dies.
//
// Its number is let go of, and with it what is left of its process group. If it could not say so itself, the scheduler
// is told that it is gone, so that its tasks are run elsewhere at once. Then it is replaced, or not: that depends on
// who wanted it to end, and why it did.

func (e Exited) apply(p *Pool) {
	if m := p.byPid[e.Pid]; m != nil {
		if e.Orphan && !m.orphaned {
			p.hostDown = true // HostLost is on its way: a start that is asked for now would go nowhere
		}
		m.orphaned = m.orphaned || e.Orphan
		p.exited(m, e.Status)
	}
}

func (HostReady) apply(p *Pool) {
	p.hostDown = false
	p.reconcileUnlessStopping()
}

func (e HostLost) apply(p *Pool) {
	p.hostDown = true
	orphans := map[int]bool{}
	for _, pid := range e.Orphans {
		orphans[pid] = true
	}
	for _, m := range p.sorted(anyState) {
		switch {
		case m.pid == 0:
			if m.started != nil && m.state.Wanted() {
				p.desired = max(p.desired-1, 0) // whoever asked for this one is told, and will ask again
			}
			p.notStarted(m, ErrHostDown)
		case orphans[m.pid]:
			// The kernel kills it by the parent-death signal, but not what its tasks have started.
			m.orphaned = true
			p.do(KillGroup{m.pid, m.identity})
		case !m.orphaned:
			m.orphaned = true
			p.exited(m, syscall.WaitStatus(syscall.SIGKILL))
		}
	}
}

func (p *Pool) exited(m *member, status syscall.WaitStatus) {
	unasked := m.state.Wanted()
	age := p.now.Sub(m.asked)
	how := process.Describe(status)
	p.on(m, worker.Exited)
	p.ended++
	kind := WorkerStopped
	if unasked && status != 0 {
		kind = WorkerDied
		p.countDeath(status)
	}
	p.tell(kind, m, "%s, after %s", how, age.Round(time.Millisecond))
	// A worker that leaves with 0 has told the scheduler itself. To tell it of one that it does not know does no harm, and
	// whether it does is not certain: the news of it may be on its way.
	if status != 0 {
		p.do(Disconnect{m.identity, m.disconnect})
	}
	switch {
	case m.orphaned:
		p.logOf(m, logging.Warning, "worker %s (pid %d) was lost with the worker host")
		// Hosts come and go one after the other: this one's slow end must not hold up the workers of the next.
		p.reconcileUnlessStopping()
	case !unasked:
		p.logOf(m, logging.Info, "worker %s (pid %d) stopped: %s", how)
		if m.renewed {
			p.reconcileUnlessStopping()
		}
	case p.inOutage(m):
		p.logOf(m, logging.Info, "worker %s (pid %d) ended for want of a scheduler: %s", how)
		p.reconcileUnlessStopping()
	case status == 0:
		// Scaler's worker leaves with 0 when it was told to, by the scheduler for example:
		// then it is the scheduler's to ask for another one.
		p.logOf(m, logging.Info, "worker %s (pid %d) ended by itself: %s%s", how, p.leftText(!p.options.Restore))
		p.decline(false)
	default:
		p.died(m, how, age < worker.Young)
	}
}

// died handles the death of a worker that nobody asked for.
func (p *Pool) died(m *member, how string, young bool) {
	p.failed++
	if m.registered || p.failures.deaths < maxIndividualLogs {
		p.logOf(m, logging.Warning, "worker %s (pid %d) died: %s%s", how, p.leftText(p.options.Replace))
	}
	switch {
	case m.registered && !young:
		p.failures.reset()
	case m.registered && p.options.Replace && !p.stopping:
		// It worked, so that the next one will: a task has killed it. Its own place waits, nobody else's.
		p.failures.hold(p.now)
	}
	p.replace(m, how)
}

// replace has another worker come for one that failed, if that is wanted: at once, or later when it is one of several
// that never came to work.
func (p *Pool) replace(m *member, how string) {
	if p.stopping {
		return
	}
	if !p.options.Replace {
		p.decline(true)
		p.reconcile()
		return
	}
	if !m.registered {
		if wait := p.failures.add(p.now, m.asked); wait > 0 {
			p.log(logging.Warning, "%d workers died within %s of starting, last: %s; retrying in %.1f s",
				p.failures.deaths, worker.Young, how, wait.Seconds())
		}
	}
	p.reconcile()
}
