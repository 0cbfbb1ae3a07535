package pool

import (
	"sort"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// killTimeout is how long a killed worker may take to exit before the pool gives up on it. Only a process in an
// uninterruptible sleep (state D) takes that long.
const killTimeout = 10 * time.Second

func (e Started) apply(p *Pool) {
	m := p.workers[e.Worker]
	if m == nil || m.pid != 0 {
		return
	}
	m.pid, m.identity, m.disconnect = e.Pid, e.Identity, e.Disconnect
	p.byPid[m.pid] = m
	p.byIdentity[m.identity] = m
	p.emit(Track{m.pid})
	p.startedCount++
	p.logWorker(m, logging.Info, "started worker %s (pid %d)")
	p.notify(WorkerStarted, m, "after %.2f s", p.now.Sub(m.requestedAt).Seconds())
	p.answerStart(m, nil)
	p.transition(m, worker.Started)
	p.reconcileUnlessStopping()
}

func (e Refused) apply(p *Pool) {
	m := p.workers[e.Worker]
	if m == nil || m.pid != 0 {
		return
	}
	p.notify(WorkerRefused, m, "%v", e.Err)
	p.failed++
	asked, wanted := m.startRequest != nil, m.state.Wanted()
	p.notStarted(m, e.Err)
	p.log(logging.Error, "cannot start a worker: %v%s", e.Err, p.remainingText(p.options.Replace))
	if wanted && !asked {
		p.replace(m, e.Err.Error())
		return
	}
	if wanted {
		// The scheduler has its answer, and asks again if it still wants a worker.
		p.desired = max(p.desired-1, 0)
	}
	p.reconcileUnlessStopping() // one start in flight less
}

func (e Registered) apply(p *Pool) {
	if m := p.workers[e.Worker]; m != nil {
		if !m.registered {
			p.notify(WorkerRegistered, m, "%.2f s after its start was requested", p.now.Sub(m.requestedAt).Seconds())
		}
		m.registered = true
		p.transition(m, worker.Answered)
	}
}

func (e Busy) apply(p *Pool) {
	if m := p.workers[e.Worker]; m != nil {
		m.busy = true
		if m.state == worker.Draining {
			p.answerStop(m) // StopWorkers does not wait for tasks
		}
	}
}

func (e Idle) apply(p *Pool) {
	m := p.workers[e.Worker]
	if m == nil {
		return
	}
	m.busy = false
	if m.state == worker.Draining {
		p.transition(m, worker.Stop)
	}
}

func (e KillWorker) apply(p *Pool) {
	if m := p.byPid[e.Pid]; m != nil {
		p.emit(KillGroup{m.pid, m.identity})
	}
}

func (Stop) apply(p *Pool) {
	p.stopping = true
	p.rollingRestart = nil
	p.desired = 0
	p.cooldownAt = time.Time{}
	for _, m := range p.sorted(anyState) {
		p.transition(m, worker.Stop)
		if m.state == worker.Killed && m.deadline.IsZero() {
			m.deadline = p.now.Add(killTimeout) // it has outlived one already, but now the manager waits for it
		}
	}
}

func (Kill) apply(p *Pool) {
	p.stopping = true
	p.rollingRestart = nil
	p.desired = 0
	for _, m := range p.sorted(anyState) {
		if m.pid == 0 {
			p.notStarted(m, ErrStopping)
		} else {
			p.transition(m, worker.Kill)
		}
	}
}

func (Tick) apply(p *Pool) {
	if !p.cooldownAt.IsZero() && !p.cooldownAt.After(p.now) {
		p.cooledDown()
	}
	for _, m := range p.sorted(anyState) {
		if !m.deadline.IsZero() && !m.deadline.After(p.now) {
			p.timedOut(m)
		}
	}
	p.reconcileUnlessStopping()
}

// timedOut handles a worker that has passed the deadline of its state.
func (p *Pool) timedOut(m *member) {
	m.deadline = time.Time{}
	switch m.state {
	case worker.Draining:
		p.logWorker(m, logging.Warning, "worker %s (pid %d) still has tasks after %s: stopping it", m.drainTime)
		p.transition(m, worker.Stop)
	case worker.Stopping:
		p.logWorker(m, logging.Warning, "worker %s (pid %d) has not ended within %s: killing its process group",
			p.options.StopTimeout)
		p.transition(m, worker.Kill)
	case worker.Killed:
		p.logWorker(m, logging.Error, "worker %s (pid %d) was killed but has not exited: it is stuck in the kernel")
		if p.stopping {
			p.forget(m)
		}
	}
}

// transition applies an event to the state of a worker, and emits what the new state requires.
func (p *Pool) transition(m *member, event worker.Event) {
	before := m.state
	var action worker.Action
	m.state, action = m.state.On(event)
	if (before == worker.Registered) != (m.state == worker.Registered) {
		p.countLog.countChanged(p.now)
	}
	if m.state != before {
		m.deadline = time.Time{}
		if before == worker.Draining && m.state == worker.Registered {
			p.answerStop(m)
			if p.agentsDrain {
				p.emit(UndrainWorker{m.number})
			}
		}
	}
	if m.state == worker.Draining && before != worker.Draining {
		if m.busy {
			p.logWorker(m, logging.Info, "worker %s (pid %d) is draining: it stops when its tasks are done")
			p.notify(WorkerDraining, m, "it stops when its tasks are done")
		}
		if p.agentsDrain {
			p.emit(DrainWorker{m.number})
		}
	}
	switch action {
	case worker.Terminate:
		p.emit(Terminate{m.number, m.pid, m.identity})
		m.deadline = p.now.Add(p.options.StopTimeout)
	case worker.KillGroup:
		p.emit(KillGroup{m.pid, m.identity})
		m.deadline = p.now.Add(killTimeout)
	case worker.Reap:
		if !m.orphaned { // the manager is the parent of an orphan and has reaped it
			p.emit(Reap{m.number, m.pid})
		}
	}
	if m.state == worker.Dead {
		p.forget(m)
	}
}

// notStarted drops a worker that has no process.
func (p *Pool) notStarted(m *member, err error) {
	p.answerStart(m, err)
	p.transition(m, worker.Refused)
}

func (p *Pool) answerStart(m *member, err error) {
	if m.startRequest == nil {
		return
	}
	answer := Answer{Request: m.startRequest, Err: err}
	if err == nil {
		answer.Identity = m.identity
	}
	p.emit(answer)
	m.startRequest = nil
}

func (p *Pool) forget(m *member) {
	delete(p.workers, m.number)
	delete(p.slots, m.slot)
	p.emit(Freed{m.slot, m.pid, m.identity})
	if m.pid != 0 {
		delete(p.byPid, m.pid)
		delete(p.byIdentity, m.identity)
	}
	p.answerStop(m)
}

// answerStop removes a worker from the StopWorkers that waits for it, and answers that if it was the last one.
func (p *Pool) answerStop(m *member) {
	if m.stopWaiter == nil {
		return
	}
	if m.stopWaiter.left--; m.stopWaiter.left == 0 {
		p.emit(Answer{Request: m.stopWaiter.request})
	}
	m.stopWaiter = nil
}

func (p *Pool) reconcileUnlessStopping() {
	if !p.stopping {
		p.reconcile()
	}
}

func anyState(worker.State) bool { return true }

// sorted returns the workers whose state matches, oldest first.
func (p *Pool) sorted(in func(worker.State) bool) []*member {
	var found []*member
	for _, m := range p.workers {
		if in(m.state) {
			found = append(found, m)
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].number < found[j].number })
	return found
}
