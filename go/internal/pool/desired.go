package pool

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

func (e SetDesired) apply(p *Pool) {
	count := e.Count
	if p.options.Maximum != Unlimited {
		count = min(count, p.options.Maximum)
	}
	// A draining manager offers no workers, and a scheduler answers that with a lower number.
	if p.stopping || p.draining && count < p.desired {
		return
	}
	count = p.limitToCapacity(count)
	p.losses, p.lost = nil, 0 // the new number takes earlier losses into account
	if count != p.desired {
		p.setDesired(count)
	}
	p.reconcile()
}

func (p *Pool) setDesired(count int) {
	p.log(logging.Info, "desired workers: %d -> %d, actual: %d", p.desired, count, p.actual())
	p.desired = count
}

// limitToCapacity limits a requested number to the capacity of the machine. It warns once, until less is requested.
func (p *Pool) limitToCapacity(count int) int {
	if p.options.Capacity == 0 || count <= p.options.Capacity {
		p.capacityWarned = false
		return count
	}
	if !p.capacityWarned {
		p.capacityWarned = true
		p.log(logging.Warning,
			"the scheduler asks for %d workers: this machine can hold about %d (%s), so no more are started",
			count, p.options.Capacity, p.options.Bottleneck)
	}
	return p.options.Capacity
}

func (e StartOne) apply(p *Pool) {
	actual := p.actual()
	reclaimable := p.reclaimable()
	refuse := func(err error) { p.emit(Answer{Request: e.Request, Err: err}) }
	switch {
	case p.stopping:
		refuse(ErrStopping)
	case p.draining:
		refuse(ErrDraining)
	case p.options.Maximum != Unlimited && actual >= p.options.Maximum || p.limitToCapacity(actual+1) <= actual:
		refuse(ErrTooMany)
	case p.hostDown:
		refuse(ErrHostDown)
	case p.startsAllowed() <= 0:
		refuse(ErrTooSoon)
	case len(reclaimable) > 0 && reclaimable[0].state == worker.Draining:
		p.desired, p.losses = actual+1, nil
		p.transition(reclaimable[0], worker.Undrain)
		p.emit(Answer{Request: e.Request, Identity: reclaimable[0].identity})
	default:
		p.desired, p.losses = actual+1, nil
		p.start(e.Request)
	}
}

// stopWaiter is a StopWorkers that waits for workers to exit.
type stopWaiter struct {
	request Request
	left    int
}

func (e StopWorkers) apply(p *Pool) {
	named := map[*member]bool{}
	var inOrder []*member
	for _, identity := range e.Identities {
		m := p.byIdentity[identity]
		if m == nil || !m.state.Wanted() && m.state != worker.Draining {
			p.emit(Answer{Request: e.Request, Err: fmt.Errorf("%w: %s", ErrNotFound, identity)})
			return
		}
		if !named[m] {
			named[m] = true
			inOrder = append(inOrder, m)
		}
	}
	if len(inOrder) == 0 {
		p.emit(Answer{Request: e.Request, Err: fmt.Errorf("%w: the list of workers is empty", ErrNotFound)})
		return
	}
	waiting := &stopWaiter{request: e.Request}
	for _, m := range inOrder {
		if m.state.Wanted() {
			p.desired = max(p.desired-1, 0)
		}
		if !m.busy && m.stopWaiter == nil {
			waiting.left++
			m.stopWaiter = waiting
		}
		p.retire(m)
	}
	if waiting.left == 0 {
		p.emit(Answer{Request: e.Request})
	}
}

// reconcile starts missing workers and stops surplus ones.
func (p *Pool) reconcile() {
	if p.draining {
		return
	}
	missing := p.desired - p.actual()
	if missing >= 0 {
		p.cooldownAt = time.Time{}
	}
	switch {
	case missing > 0:
		for _, m := range p.reclaimable() {
			if missing > 0 {
				p.transition(m, worker.Undrain)
				missing--
			}
		}
		if p.hostDown || p.outage {
			return
		}
		missing = min(missing-p.pendingReplacements()-p.failures.held(p.now), p.startsAllowed())
		for range missing {
			p.start(nil)
		}
	case missing < 0 && p.cooldownAt.IsZero():
		if p.options.Cooldown > 0 {
			p.cooldownAt = p.now.Add(p.options.Cooldown)
			return
		}
		p.scaleDown(-missing)
	}
}

// startsAllowed returns how many more starts may be requested now. Starts in flight are limited so that a huge desired
// number neither fills the host's queue nor has to be undone on a stop.
func (p *Pool) startsAllowed() int {
	if p.failures.retryAt.After(p.now) {
		return 0
	}
	if p.options.MaxStarting == 0 {
		return math.MaxInt
	}
	starting := 0
	for _, m := range p.workers {
		if m.pid == 0 {
			starting++
		}
	}
	return p.options.MaxStarting - starting
}

// cooledDown scales down to the current desired number, which may differ from the one that began the cooldown.
func (p *Pool) cooledDown() {
	p.cooldownAt = time.Time{}
	if extra := p.actual() - p.desired; extra > 0 && !p.stopping {
		p.scaleDown(extra)
	}
}

// scaleDown retires count workers: unregistered ones first, then idle, then busy ones. Among equals the oldest goes
// first, as in Scaler.
func (p *Pool) scaleDown(count int) {
	wanted := p.sorted(worker.State.Wanted)
	sort.SliceStable(wanted, func(i, j int) bool {
		a, b := wanted[i], wanted[j]
		if a.busy != b.busy {
			return b.busy
		}
		return a.state < b.state
	})
	for _, m := range wanted[:min(count, len(wanted))] {
		p.retire(m)
	}
}

// retire drains a worker for up to Options.DrainTimeout, or stops it at once if that is 0.
func (p *Pool) retire(m *member) {
	if p.options.DrainTimeout == 0 {
		p.transition(m, worker.Stop)
		return
	}
	before := m.state
	if p.drainOrStop(m); m.state == worker.Draining && before != worker.Draining {
		p.limitDrain(m, p.options.DrainTimeout)
	}
}

// reclaimable returns the workers whose stop can be revoked, those with a process first.
func (p *Pool) reclaimable() []*member {
	found := p.sorted(worker.State.Reclaimable)
	found = slices.DeleteFunc(found, func(m *member) bool { return m.replaceOnExit })
	sort.SliceStable(found, func(i, j int) bool { return found[i].state > found[j].state })
	return found
}

// FreeSlots returns the slots of the workers that would be started next, up to limit of them.
func (p *Pool) FreeSlots(limit int) (slots []int) {
	if p.options.Maximum != Unlimited {
		limit = min(limit, p.options.Maximum-p.actual())
	}
	if p.options.Capacity > 0 {
		limit = min(limit, p.options.Capacity-p.actual())
	}
	for slot := 0; !p.stopping && !p.draining && len(slots) < limit; slot++ {
		if !p.slots[slot] {
			slots = append(slots, slot)
		}
	}
	return slots
}

func (p *Pool) start(request Request) {
	p.lastNumber++
	m := &member{number: p.lastNumber, requestedAt: p.now, startRequest: request}
	for p.slots[m.slot] {
		m.slot++
	}
	p.slots[m.slot] = true
	p.workers[m.number] = m
	p.emit(Start{m.number, m.slot})
}
