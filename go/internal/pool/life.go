package pool

import (
	"sort"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// killTime is how long a killed worker may take to end before it is given up, which happens only to a process that
// the kernel does not let go of (state D).
const killTime = 10 * time.Second

func (e Started) apply(p *Pool) {
	m := p.workers[e.Worker]
	if m == nil || m.pid != 0 {
		return
	}
	m.pid, m.identity, m.disconnect = e.Pid, e.Identity, e.Disconnect
	p.byPid[m.pid] = m
	p.byIdentity[m.identity] = m
	p.do(Track{m.pid})
	p.startedCount++
	p.logOf(m, logging.Info, "started worker %s (pid %d)")
	p.tell(WorkerStarted, m, "after %.2f s", p.now.Sub(m.asked).Seconds())
	p.answerStart(m, nil)
	p.on(m, worker.Started)
	p.reconcileUnlessStopping()
}

func (e Refused) apply(p *Pool) {
	m := p.workers[e.Worker]
	if m == nil || m.pid != 0 {
		return
	}
	p.tell(WorkerRefused, m, "%v", e.Err)
	p.failed++
	asked, wanted := m.started != nil, m.state.Wanted()
	p.notStarted(m, e.Err)
	p.log(logging.Error, "cannot start a worker: %v%s", e.Err, p.leftText(p.options.Replace))
	if wanted && !asked {
		p.replace(m, e.Err.Error())
		return
	}
	if wanted {
		// Whoever asked for this one knows, and will ask again.
		p.desired = max(p.desired-1, 0)
	}
	p.reconcileUnlessStopping() // there is room for another start
}

func (e Registered) apply(p *Pool) {
	if m := p.workers[e.Worker]; m != nil {
		if !m.registered {
			p.tell(WorkerRegistered, m, "%.2f s after its start was asked for", p.now.Sub(m.asked).Seconds())
		}
		m.registered = true
		p.on(m, worker.Answered)
	}
}

func (e Busy) apply(p *Pool) {
	if m := p.workers[e.Worker]; m != nil {
		m.busy = true
		if m.state == worker.Draining {
			p.answerStop(m) // nobody waits for those with tasks
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
		p.on(m, worker.Stop)
	}
}

func (e KillWorker) apply(p *Pool) {
	if m := p.byPid[e.Pid]; m != nil {
		p.do(KillGroup{m.pid, m.identity})
	}
}

func (Stop) apply(p *Pool) {
	p.stopping = true
	p.rolling = nil
	p.desired = 0
	p.cooldownAt = time.Time{}
	for _, m := range p.sorted(anyState) {
		p.on(m, worker.Stop)
		if m.state == worker.Killed && m.deadline.IsZero() {
			m.deadline = p.now.Add(killTime) // it was found not to end before; now somebody waits for that
		}
	}
}

func (Kill) apply(p *Pool) {
	p.stopping = true
	p.rolling = nil
	p.desired = 0
	for _, m := range p.sorted(anyState) {
		if m.pid == 0 {
			p.notStarted(m, ErrStopping)
		} else {
			p.on(m, worker.Kill)
		}
	}
}

func (Tick) apply(p *Pool) {
	if !p.cooldownAt.IsZero() && !p.cooldownAt.After(p.now) {
		p.cooledDown()
	}
	for _, m := range p.sorted(anyState) {
		if !m.deadline.IsZero() && !m.deadline.After(p.now) {
			p.timeOver(m)
		}
	}
	p.reconcileUnlessStopping()
}

// timeOver is called when a worker has used up the time that its state gives it.
func (p *Pool) timeOver(m *member) {
	m.deadline = time.Time{}
	switch m.state {
	case worker.Draining:
		p.logOf(m, logging.Warning, "worker %s (pid %d) still has tasks after %s: stopping it", m.drainTime)
		p.on(m, worker.Stop)
	case worker.Stopping:
		p.logOf(m, logging.Warning, "worker %s (pid %d) has not ended within %s: killing its process group",
			p.options.StopTimeout)
		p.on(m, worker.Kill)
	case worker.Killed:
		p.logOf(m, logging.Error, "worker %s (pid %d) does not end though it was killed: the kernel holds it")
		if p.stopping {
			p.forget(m)
		}
	}
}

// on moves a worker on and does what that asks for.
func (p *Pool) on(m *member, event worker.Event) {
	before := m.state
	var action worker.Action
	m.state, action = m.state.On(event)
	if (before == worker.Registered) != (m.state == worker.Registered) {
		p.tally.note(p.now)
	}
	if m.state != before {
		m.deadline = time.Time{}
		if before == worker.Draining && m.state == worker.Registered {
			p.answerStop(m)
			if p.agentsDrain {
				p.do(UndrainWorker{m.number})
			}
		}
	}
	if m.state == worker.Draining && before != worker.Draining {
		if m.busy {
			p.logOf(m, logging.Info, "worker %s (pid %d) goes when its tasks are done")
			p.tell(WorkerDraining, m, "it goes when its tasks are done")
		}
		if p.agentsDrain {
			p.do(DrainWorker{m.number})
		}
	}
	switch action {
	case worker.Terminate:
		p.do(Terminate{m.number, m.pid, m.identity})
		m.deadline = p.now.Add(p.options.StopTimeout)
	case worker.KillGroup:
		p.do(KillGroup{m.pid, m.identity})
		m.deadline = p.now.Add(killTime)
	case worker.Reap:
		if !m.orphaned { // else the manager is its parent, and has reaped it
			p.do(Reap{m.number, m.pid})
		}
	}
	if m.state == worker.Dead {
		p.forget(m)
	}
}

// notStarted gives up a worker that has no process.
func (p *Pool) notStarted(m *member, err error) {
	p.answerStart(m, err)
	p.on(m, worker.Refused)
}

func (p *Pool) answerStart(m *member, err error) {
	if m.started == nil {
		return
	}
	answer := Answer{Request: m.started, Err: err}
	if err == nil {
		answer.Identity = m.identity
	}
	p.do(answer)
	m.started = nil
}

func (p *Pool) forget(m *member) {
	delete(p.workers, m.number)
	delete(p.slots, m.slot)
	p.do(Freed{m.slot, m.pid, m.identity})
	if m.pid != 0 {
		delete(p.byPid, m.pid)
		delete(p.byIdentity, m.identity)
	}
	p.answerStop(m)
}

// answerStop has nobody wait for the end of a worker any more.
func (p *Pool) answerStop(m *member) {
	if m.stopped == nil {
		return
	}
	if m.stopped.left--; m.stopped.left == 0 {
		p.do(Answer{Request: m.stopped.request})
	}
	m.stopped = nil
}

func (p *Pool) reconcileUnlessStopping() {
	if !p.stopping {
		p.reconcile()
	}
}

func anyState(worker.State) bool { return true }

// sorted are the workers in such states, oldest first.
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
