package pool

import (
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

const (
	// chatty is how many young deaths in a row are told one by one; of more only the sum is.
	chatty = 3

	// forgiven is after how long a young death does not count against later ones.
	forgiven = 2 * time.Minute
)

// Handle takes a message of the worker host.
func (p *Pool) Handle(message protocol.Message) {
	p.do(func() {
		switch message := message.(type) {
		case protocol.Started:
			p.withNumber(message.Worker, func(m *member) { p.startedAs(m, message) })
		case protocol.Refused:
			p.withNumber(message.Worker, func(m *member) { p.refused(m, errors.New(message.Error)) })
		case protocol.Registered:
			p.withNumber(message.Worker, func(m *member) {
				m.known = true
				p.on(m, worker.Answered)
			})
		case protocol.Busy:
			p.withNumber(message.Worker, func(m *member) { m.busy = true })
		case protocol.Idle:
			p.withNumber(message.Worker, func(m *member) {
				m.busy = false
				if m.state == worker.Draining {
					p.on(m, worker.Stop)
				}
			})
		case protocol.Exited:
			p.exited(message.Pid, syscall.WaitStatus(message.Status))
		}
	})
}

func (p *Pool) withNumber(number int, f func(*member)) {
	if m := p.workers[number]; m != nil {
		f(m)
	}
}

// HandleExit takes the end of a process that became the manager's own child, which a
// worker does when the worker host died. It may come before HostLost.
func (p *Pool) HandleExit(pid int, status syscall.WaitStatus) {
	p.do(func() {
		if m := p.byPid[pid]; m != nil {
			m.orphaned = true
			p.exited(pid, status)
		}
	})
}

// Stop asks every worker to end and lets Run end after the last one. Calling it again
// changes nothing.
func (p *Pool) Stop() {
	p.do(func() {
		p.stopping = true
		p.desired = 0
		for _, m := range p.workers {
			p.on(m, worker.Stop)
		}
	})
}

// Kill kills every worker without asking and lets Run end after the last one. Workers
// that have no pid yet are forgotten: the end of the host is theirs too.
func (p *Pool) Kill() {
	p.do(func() {
		p.stopping = true
		p.desired = 0
		for _, m := range p.workers {
			if m.pid == 0 {
				p.notStarted(m, ErrStopping)
			} else {
				p.on(m, worker.Kill)
			}
		}
	})
}

// HostLost says that the worker host has ended. Its workers are killed, with adopted telling
// whether their ends will come by HandleExit, and are made anew after HostReady.
func (p *Pool) HostLost(adopted bool) {
	p.do(func() {
		p.hostless = true
		for _, m := range p.workers {
			if m.pid == 0 {
				p.notStarted(m, ErrHostless)
				continue
			}
			m.orphaned = true
			p.sweep(m)
			// A host that ended by itself, after an error of its own, has waited for its workers.
			if !adopted || p.options.Signaller.Gone(m.pid) {
				p.exited(m.pid, syscall.WaitStatus(syscall.SIGKILL))
			}
		}
	})
}

// HostReady says that there is a worker host again.
func (p *Pool) HostReady() {
	p.do(func() {
		p.hostless = false
		if !p.stopping {
			p.reconcile()
		}
	})
}

// on moves a worker on and does what that asks for.
func (p *Pool) on(m *member, event worker.Event) {
	before := m.state
	var action worker.Action
	m.state, action = m.state.On(event)
	if m.state != before && m.timer != nil {
		m.timer.Stop()
		m.timer = nil
	}
	if m.state == worker.Draining && before != worker.Draining {
		p.options.Log.Infof("worker %s (pid %d) goes when its tasks are done", m.identity, m.pid)
		m.timer = p.in(worker.Draining, m, p.options.DrainTimeout, func() {
			p.options.Log.Warningf("worker %s (pid %d) still has tasks after %s: stopping it", m.identity, m.pid, p.options.DrainTimeout)
			p.on(m, worker.Stop)
		})
	}
	switch action {
	case worker.Ask:
		if err := p.options.Signaller.Signal(m.pid, p.options.StopSignal); err != nil {
			p.options.Log.Errorf("cannot signal worker %s (pid %d): %v", m.identity, m.pid, err)
		}
		m.timer = p.in(worker.Stopping, m, p.options.StopTimeout, func() {
			p.options.Log.Warningf("worker %s (pid %d) has not ended within %s: killing its process group", m.identity, m.pid, p.options.StopTimeout)
			p.on(m, worker.Kill)
		})
	case worker.Smash:
		p.sweep(m)
	case worker.Bury:
		if !m.orphaned {
			// Before its pid is let go of, so that the number is still its own.
			p.sweep(m)
			_ = p.options.Launcher.Send(protocol.Reap{Pid: m.pid}) // a host that is gone has nothing to reap
		}
	}
	if m.state == worker.Dead {
		p.forget(m)
	}
}

// in runs f after a while if the worker is still in the state then.
func (p *Pool) in(state worker.State, m *member, delay time.Duration, f func()) *time.Timer {
	return p.after(delay, func() {
		if m.state == state {
			f()
		}
	})
}

func (p *Pool) sweep(m *member) {
	if err := p.options.Signaller.SignalGroup(m.pid, syscall.SIGKILL); err != nil {
		p.options.Log.Errorf("cannot kill the process group of worker %s (pid %d): %v", m.identity, m.pid, err)
	}
}

func (p *Pool) startedAs(m *member, started protocol.Started) {
	m.pid, m.identity, m.farewell = started.Pid, started.Identity, started.Farewell
	p.byPid[m.pid] = m
	p.byIdentity[m.identity] = m
	p.options.Log.Infof("started worker %s (pid %d)", m.identity, m.pid)
	if m.started != nil {
		m.started(m.identity, nil)
	}
	p.on(m, worker.Started)
}

func (p *Pool) refused(m *member, err error) {
	p.options.Log.Errorf("cannot start a worker: %v", err)
	p.failed++
	p.notStarted(m, err)
	if m.started != nil {
		// Whoever asked for this one knows, and will ask again.
		p.desired = max(p.desired-1, 0)
		return
	}
	p.lost(m, true, err.Error())
}

func (p *Pool) notStarted(m *member, err error) {
	if m.started != nil {
		m.started("", err)
	}
	p.on(m, worker.Refused)
}

func (p *Pool) exited(pid int, status syscall.WaitStatus) {
	m := p.byPid[pid]
	if m == nil {
		return
	}
	unasked := m.state.Wanted()
	young := !m.known || time.Since(m.asked) < worker.Young
	how := process.Describe(status)
	p.on(m, worker.Exited)
	p.ended++
	// A worker that leaves with 0 has taken leave of the scheduler itself. One that the scheduler does not know
	// does no harm by it, and whether it does is not certain: the news of it may be on its way.
	if status != 0 && p.options.Abandoned != nil {
		p.options.Abandoned(m.identity, m.farewell)
	}
	switch {
	case m.orphaned:
		p.hostless = true
		p.options.Log.Warningf("worker %s (pid %d) was lost with the worker host", m.identity, pid)
	case !unasked:
		p.options.Log.Infof("worker %s (pid %d) stopped: %s", m.identity, pid, how)
		if m.renewed && !p.stopping {
			p.reconcile()
		}
	case p.excused(m):
		p.options.Log.Infof("worker %s (pid %d) ended for want of a scheduler: %s", m.identity, pid, how)
		p.reconcile()
	case status == 0:
		// Scaler's worker leaves with 0 when it was told to, by the scheduler for example:
		// then it is the scheduler's to ask for another one.
		p.options.Log.Infof("worker %s (pid %d) ended by itself: %s", m.identity, pid, how)
		p.fewer(false)
	default:
		p.failed++
		if p.youngDeaths < chatty {
			p.options.Log.Warningf("worker %s (pid %d) died: %s", m.identity, pid, how)
		}
		p.lost(m, young, how)
	}
}

// lost replaces a worker that failed, if that is wanted: at once, or later when it is
// one of several that died young.
func (p *Pool) lost(m *member, young bool, how string) {
	if p.stopping {
		return
	}
	if !p.options.Replace {
		p.fewer(true)
		return
	}
	if !young {
		p.youngDeaths, p.youngRounds = 0, 0
	} else {
		p.diedYoung(m, how)
	}
	p.reconcile()
}

// diedYoung makes the next start wait when it is one of several deaths soon after a start. Workers that were
// started before the last such death count with it: a whole pool that fails is one event.
func (p *Pool) diedYoung(m *member, how string) {
	now := time.Now()
	if now.Sub(p.lastYoung) > forgiven {
		p.youngDeaths, p.youngRounds = 0, 0
	}
	p.youngDeaths++
	if p.youngRounds == 0 || m.asked.After(p.lastYoung) {
		p.youngRounds++
		p.lastYoung = now
		wait := worker.Backoff(p.youngRounds)
		p.retryAt = now.Add(wait)
		if wait > 0 {
			p.options.Log.Warningf("%d workers died within %s of starting, last: %s; retrying in %.1f s",
				p.youngDeaths, worker.Young, how, wait.Seconds())
		}
	}
}

func (p *Pool) forget(m *member) {
	delete(p.workers, m.number)
	delete(p.slots, m.slot)
	if m.pid != 0 {
		delete(p.byPid, m.pid)
		delete(p.byIdentity, m.identity)
	}
	if m.gone != nil {
		m.gone()
	}
}
