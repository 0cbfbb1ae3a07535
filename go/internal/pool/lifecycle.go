package pool

import (
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// Handle takes a message of the worker host.
func (p *Pool) Handle(message protocol.Message) {
	p.do(func() {
		switch message := message.(type) {
		case protocol.Started:
			if m := p.workers[message.Worker]; m != nil {
				p.startedAs(m, message.Pid, message.Identity)
			}
		case protocol.Refused:
			if m := p.workers[message.Worker]; m != nil {
				p.refused(m, errors.New(message.Error))
			}
		case protocol.Registered:
			if m := p.workers[message.Worker]; m != nil {
				p.on(m, worker.Answered)
			}
		case protocol.Exited:
			p.exited(message.Pid, syscall.WaitStatus(message.Status))
		}
	})
}

// HandleExit takes the end of a process that became the manager's own child, which a
// worker does when the worker host died.
func (p *Pool) HandleExit(pid int, status syscall.WaitStatus) {
	p.do(func() { p.exited(pid, status) })
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

// on moves a worker on and does what that asks for.
func (p *Pool) on(m *member, event worker.Event) {
	var action worker.Action
	m.state, action = m.state.On(event)
	switch action {
	case worker.Ask:
		if err := p.options.Signaller.Signal(m.pid, p.options.StopSignal); err != nil {
			p.options.Log.Errorf("cannot signal worker %s (pid %d): %v", m.identity, m.pid, err)
		}
		m.grace = p.after(p.options.StopTimeout, func() {
			if m.state == worker.Stopping {
				p.options.Log.Warningf("worker %s (pid %d) has not ended within %s: killing its process group",
					m.identity, m.pid, p.options.StopTimeout)
				p.on(m, worker.Kill)
			}
		})
	case worker.Smash:
		p.sweep(m)
	case worker.Bury, worker.Lost:
		// Before its pid is let go of, so that the number is still its own.
		p.sweep(m)
		_ = p.options.Launcher.Send(protocol.Reap{Pid: m.pid}) // a host that is gone has nothing to reap
	}
	if m.state == worker.Dead {
		p.forget(m)
	}
}

func (p *Pool) sweep(m *member) {
	if err := p.options.Signaller.SignalGroup(m.pid, syscall.SIGKILL); err != nil {
		p.options.Log.Errorf("cannot kill the process group of worker %s (pid %d): %v", m.identity, m.pid, err)
	}
}

func (p *Pool) startedAs(m *member, pid int, identity string) {
	m.pid, m.identity = pid, identity
	p.byPid[pid] = m
	p.byIdentity[identity] = m
	p.options.Log.Infof("started worker %s (pid %d)", identity, pid)
	if m.started != nil {
		m.started(identity, nil)
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
	p.lost(true)
}

func (p *Pool) notStarted(m *member, err error) {
	if m.started != nil {
		m.started("", err)
	}
	m.state = worker.Unwanted
	p.on(m, worker.Refused)
}

func (p *Pool) exited(pid int, status syscall.WaitStatus) {
	m := p.byPid[pid]
	if m == nil {
		return
	}
	young := m.state != worker.Registered || time.Since(m.asked) < worker.Young
	unasked := m.state.Wanted()
	how := process.Describe(status)
	p.on(m, worker.Exited)
	p.ended++
	switch {
	case !unasked:
		p.options.Log.Infof("worker %s (pid %d) stopped: %s", m.identity, pid, how)
	case status == 0:
		// Scaler's worker leaves with 0 when it was told to, by the scheduler for example:
		// then it is the scheduler's to ask for another one.
		p.options.Log.Infof("worker %s (pid %d) ended by itself: %s", m.identity, pid, how)
		p.desired = max(p.desired-1, 0)
	default:
		p.failed++
		p.options.Log.Warningf("worker %s (pid %d) died: %s", m.identity, pid, how)
		p.lost(young)
	}
}

// lost replaces a worker that failed, if that is wanted: at once, or later when it is
// one of several that died young.
func (p *Pool) lost(young bool) {
	if p.stopping {
		return
	}
	if !p.options.Replace {
		p.desired = max(p.desired-1, 0)
		return
	}
	if !young {
		p.youngDeaths = 0
	} else {
		p.youngDeaths++
		if wait := worker.Backoff(p.youngDeaths); wait > 0 && time.Until(p.retryAt) <= 0 {
			p.options.Log.Warningf("%d workers died within %s of starting; the next one starts in %.1f s",
				p.youngDeaths, worker.Young, wait.Seconds())
			p.retryAt = time.Now().Add(wait)
		}
	}
	p.reconcile()
}

func (p *Pool) forget(m *member) {
	if m.grace != nil {
		m.grace.Stop()
	}
	delete(p.workers, m.number)
	if m.pid != 0 {
		delete(p.byPid, m.pid)
		delete(p.byIdentity, m.identity)
	}
	if m.gone != nil {
		m.gone()
	}
}
