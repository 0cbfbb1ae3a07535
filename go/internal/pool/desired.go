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
	if p.stopping || p.draining && count < p.desired { // the answer to a manager that offers none
		return
	}
	count = p.cap(count)
	p.declines, p.declined = nil, 0 // what was lost before counts no more
	if count != p.desired {
		p.log(logging.Info, "desired workers: %d -> %d, there are %d", p.desired, count, p.actual())
		p.desired = count
	}
	p.reconcile()
}

// cap bounds what is asked for by what the machine can hold, and says so once until less is asked for.
func (p *Pool) cap(count int) int {
	if p.options.Capacity == 0 || count <= p.options.Capacity {
		p.capped = false
		return count
	}
	if !p.capped {
		p.capped = true
		p.log(logging.Warning,
			"the scheduler asks for %d workers: this machine can hold about %d (%s), so there will be no more",
			count, p.options.Capacity, p.options.Bottleneck)
	}
	return p.options.Capacity
}

func (e StartOne) apply(p *Pool) {
	actual := p.actual()
	reclaimable := p.reclaimable()
	refuse := func(err error) { p.do(Answer{Request: e.Request, Err: err}) }
	switch {
	case p.stopping:
		refuse(ErrStopping)
	case p.draining:
		refuse(ErrDraining)
	case p.options.Maximum != Unlimited && actual >= p.options.Maximum || p.cap(actual+1) <= actual:
		refuse(ErrTooMany)
	case p.hostDown:
		refuse(ErrHostDown)
	case p.startable() <= 0:
		refuse(ErrTooSoon)
	case len(reclaimable) > 0 && reclaimable[0].state == worker.Draining:
		p.desired, p.declines = actual+1, nil
		p.on(reclaimable[0], worker.Undrain)
		p.do(Answer{Request: e.Request, Identity: reclaimable[0].identity})
	default:
		p.desired, p.declines = actual+1, nil
		p.start(e.Request)
	}
}

// stopping is a StopWorkers that waits for some to end.
type stopping struct {
	request Request
	left    int
}

func (e StopWorkers) apply(p *Pool) {
	named := map[*member]bool{}
	var inOrder []*member
	for _, identity := range e.Identities {
		m := p.byIdentity[identity]
		if m == nil || !m.state.Wanted() && m.state != worker.Draining {
			p.do(Answer{Request: e.Request, Err: fmt.Errorf("%w: %s", ErrNotFound, identity)})
			return
		}
		if !named[m] {
			named[m] = true
			inOrder = append(inOrder, m)
		}
	}
	if len(inOrder) == 0 {
		p.do(Answer{Request: e.Request, Err: fmt.Errorf("%w: none was named", ErrNotFound)})
		return
	}
	waiting := &stopping{request: e.Request}
	for _, m := range inOrder {
		if m.state.Wanted() {
			p.desired = max(p.desired-1, 0)
		}
		if !m.busy && m.stopped == nil {
			waiting.left++
			m.stopped = waiting
		}
		p.dismiss(m)
	}
	if waiting.left == 0 {
		p.do(Answer{Request: e.Request})
	}
}

// reconcile starts or stops the difference between desired and actual.
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
				p.on(m, worker.Undrain)
				missing--
			}
		}
		if p.hostDown || p.outage {
			return
		}
		missing = min(missing-p.renewing()-p.failures.heldBack(p.now), p.startable())
		for range missing {
			p.start(nil)
		}
	case missing < 0 && p.cooldownAt.IsZero():
		if p.options.Cooldown > 0 {
			p.cooldownAt = p.now.Add(p.options.Cooldown)
			return
		}
		p.dismissSome(-missing)
	}
}

// startable is how many more starts may be asked for now. What is in flight is bounded, so that neither the host's
// queue nor what is to be undone on a stop grows with what is asked for; each answer makes room for the next one.
func (p *Pool) startable() int {
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

// cooledDown honours a decrease that was asked for all through the cooldown. What counts
// is the number desired now, not the one that began it.
func (p *Pool) cooledDown() {
	p.cooldownAt = time.Time{}
	if extra := p.actual() - p.desired; extra > 0 && !p.stopping {
		p.dismissSome(extra)
	}
}

// dismissSome dismisses as many workers: those that the scheduler does not know yet first, then
// idle ones, then busy ones; of equal ones the oldest, as Scaler does.
func (p *Pool) dismissSome(count int) {
	wanted := p.sorted(worker.State.Wanted)
	sort.SliceStable(wanted, func(i, j int) bool {
		a, b := wanted[i], wanted[j]
		if a.busy != b.busy {
			return b.busy
		}
		return a.state < b.state
	})
	for _, m := range wanted[:min(count, len(wanted))] {
		p.dismiss(m)
	}
}

// dismiss stops a worker, or lets it finish its tasks first.
func (p *Pool) dismiss(m *member) {
	if p.options.DrainTimeout == 0 {
		p.on(m, worker.Stop)
		return
	}
	before := m.state
	if p.letGo(m); m.state == worker.Draining && before != worker.Draining {
		p.limitDrain(m, p.options.DrainTimeout)
	}
}

// reclaimable are the workers that were to go and can be kept after all, running ones first.
func (p *Pool) reclaimable() []*member {
	found := p.sorted(worker.State.Reclaimable)
	found = slices.DeleteFunc(found, func(m *member) bool { return m.renewed })
	sort.SliceStable(found, func(i, j int) bool { return found[i].state > found[j].state })
	return found
}

// Free are the slots of the workers that would be started next, of as many at most.
func (p *Pool) Free(most int) (slots []int) {
	if p.options.Maximum != Unlimited {
		most = min(most, p.options.Maximum-p.actual())
	}
	if p.options.Capacity > 0 {
		most = min(most, p.options.Capacity-p.actual())
	}
	for slot := 0; !p.stopping && !p.draining && len(slots) < most; slot++ {
		if !p.slots[slot] {
			slots = append(slots, slot)
		}
	}
	return slots
}

func (p *Pool) start(request Request) {
	p.lastNumber++
	m := &member{number: p.lastNumber, asked: p.now, started: request}
	for p.slots[m.slot] {
		m.slot++
	}
	p.slots[m.slot] = true
	p.workers[m.number] = m
	p.do(Start{m.number, m.slot})
}
