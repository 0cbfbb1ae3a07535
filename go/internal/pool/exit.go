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
// The rest of its process group is killed, and its pid is reaped. If it could not disconnect from the scheduler itself,
// the manager does so in its name, so that its tasks are rerun elsewhere at once. Whether it is replaced depends on who
// asked it to stop, and on why it exited.

func (e Exited) apply(p *Pool) {
	if m := p.byPid[e.Pid]; m != nil {
		if e.Orphan && !m.orphaned {
			p.hostDown = true // HostLost follows; a start requested now would be lost
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
			if m.startRequest != nil && m.state.Wanted() {
				p.desired = max(p.desired-1, 0) // the scheduler gets an error, and asks again if it still wants a worker
			}
			p.notStarted(m, ErrHostDown)
		case orphans[m.pid]:
			// Its parent-death signal kills the worker, but not the processes of its tasks.
			m.orphaned = true
			p.emit(KillGroup{m.pid, m.identity})
		case !m.orphaned:
			m.orphaned = true
			p.exited(m, syscall.WaitStatus(syscall.SIGKILL))
		}
	}
}

func (p *Pool) exited(m *member, status syscall.WaitStatus) {
	unexpected := m.state.Wanted()
	age := p.now.Sub(m.requestedAt)
	how := process.Describe(status)
	p.transition(m, worker.Exited)
	p.ended++
	kind := WorkerStopped
	if unexpected && status != 0 {
		kind = WorkerDied
		p.countDeath(status)
	}
	p.notify(kind, m, "%s, after %s", how, age.Round(time.Millisecond))
	// A worker that exits with 0 has disconnected itself. Disconnecting one that never registered is harmless, and the
	// pool may not have heard of the registration yet.
	if status != 0 || m.unheard {
		p.emit(Disconnect{m.identity, m.disconnect, m.unheard})
	}
	switch {
	case m.orphaned:
		p.logWorker(m, logging.Warning, "worker %s (pid %d) was lost with the worker host")
		// The next host may be up already: an orphan that is slow to die must not delay its workers.
		p.reconcileUnlessStopping()
	case !unexpected:
		p.logWorker(m, logging.Info, "worker %s (pid %d) stopped: %s", how)
		if m.replaceOnExit {
			p.reconcileUnlessStopping()
		}
	case p.inOutage(m):
		p.logWorker(m, logging.Info, "worker %s (pid %d) exited because of the scheduler outage: %s", how)
		p.reconcileUnlessStopping()
	case status == 0:
		// Scaler's worker exits with 0 when it is told to, for example by the scheduler, which then asks for another one
		// if it wants one.
		p.logWorker(m, logging.Info, "worker %s (pid %d) exited by itself: %s%s", how, p.remainingText(!p.options.Restore))
		p.acceptLoss(false)
	default:
		p.died(m, how, age < worker.EarlyDeath)
	}
}

// died handles an unexpected exit with an error.
func (p *Pool) died(m *member, how string, young bool) {
	p.failed++
	if m.registered || p.failures.deaths < maxIndividualLogs {
		p.logWorker(m, logging.Warning, "worker %s (pid %d) died: %s%s", how, p.remainingText(p.options.Replace))
	}
	switch {
	case m.registered && !young:
		p.failures.reset()
	case m.registered && p.options.Replace && !p.stopping:
		// It registered, so the next one will, too: probably a task killed it. Only its own replacement is delayed.
		p.failures.hold(p.now)
	}
	p.replace(m, how)
}

// replace starts a replacement for a failed worker if Options.Replace is set, with a backoff after repeated failures.
func (p *Pool) replace(m *member, how string) {
	if p.stopping {
		return
	}
	if !p.options.Replace {
		p.acceptLoss(true)
		p.reconcile()
		return
	}
	if !m.registered {
		if wait := p.failures.add(p.now, m.requestedAt); wait > 0 {
			p.log(logging.Warning, "%d workers died within %s of starting, last: %s; retrying in %.1f s",
				p.failures.deaths, worker.EarlyDeath, how, wait.Seconds())
		}
	}
	p.reconcile()
}
