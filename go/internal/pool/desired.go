package pool

import (
	"errors"
	"fmt"
	"sort"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// Why a request of the scheduler cannot be met.
var (
	ErrTooMany  = errors.New("no more workers are allowed")
	ErrNotFound = errors.New("no such worker")
	ErrStopping = errors.New("the manager is stopping")
	ErrHostless = errors.New("the worker host is gone")
	ErrTooSoon  = errors.New("workers die soon after they start")
)

// SetDesired says how many workers there should be. More are started at once; fewer
// only after the cooldown, which an increase meanwhile cancels.
func (p *Pool) SetDesired(count int) {
	p.do(func() {
		if p.options.Maximum != Unlimited {
			count = min(count, p.options.Maximum)
		}
		if p.stopping {
			return
		}
		if count != p.desired {
			p.options.Log.Infof("desired workers: %d -> %d, there are %d", p.desired, count, p.snapshot().Actual)
			p.desired = count
		}
		p.reconcile()
	})
}

// StartOne makes it a worker more than there are: one that was to go, or a new one. done is
// called with its identity, or with why there is none: ErrTooMany, ErrStopping, ErrHostless,
// ErrTooSoon or what the host says.
func (p *Pool) StartOne(done func(identity string, err error)) {
	p.do(func() {
		actual := p.snapshot().Actual
		spared := p.spared()
		switch {
		case p.stopping:
			done("", ErrStopping)
		case p.options.Maximum != Unlimited && actual >= p.options.Maximum:
			done("", ErrTooMany)
		case p.hostless:
			done("", ErrHostless)
		case time.Until(p.retryAt) > 0:
			done("", ErrTooSoon)
		case len(spared) > 0 && spared[0].state == worker.Draining:
			p.desired = actual + 1
			p.on(spared[0], worker.Recall)
			done(spared[0].identity, nil)
		default:
			p.desired = actual + 1
			p.start(done)
		}
	})
}

// StopThese stops the workers with these identities; those that have tasks are drained.
// done is called when those without tasks are gone. When one of them is not there, or
// none is named, nothing is stopped and done is called at once with ErrNotFound.
func (p *Pool) StopThese(identities []string, done func(err error)) {
	p.do(func() {
		named := map[*member]bool{}
		for _, identity := range identities {
			m := p.byIdentity[identity]
			if m == nil || !m.state.Wanted() && m.state != worker.Draining {
				done(fmt.Errorf("%w: %s", ErrNotFound, identity))
				return
			}
			named[m] = true
		}
		if len(named) == 0 {
			done(fmt.Errorf("%w: none was named", ErrNotFound))
			return
		}
		left := 1
		gone := func() {
			if left--; left == 0 {
				done(nil)
			}
		}
		for m := range named {
			if m.state.Wanted() {
				p.desired = max(p.desired-1, 0)
			}
			if !m.busy {
				left++
				m.gone = gone
			}
			p.dismiss(m)
		}
		gone()
	})
}

// reconcile starts or stops the difference between desired and actual.
func (p *Pool) reconcile() {
	missing := p.desired - p.snapshot().Actual
	if missing >= 0 && p.cooldown != nil {
		p.cooldown.Stop()
		p.cooldown = nil
	}
	switch {
	case missing > 0:
		for _, m := range p.spared() {
			if missing > 0 {
				p.on(m, worker.Recall)
				missing--
			}
		}
		if p.hostless || p.schedulerless {
			return
		}
		missing -= p.renewing()
		if wait := time.Until(p.retryAt); wait > 0 && missing > 0 {
			p.retryLater(wait)
			return
		}
		for range missing {
			p.start(nil)
		}
	case missing < 0 && p.cooldown == nil:
		if p.options.Cooldown > 0 {
			p.cooldown = p.after(p.options.Cooldown, p.cooledDown)
			return
		}
		p.dismissSome(-missing)
	}
}

// cooledDown honours a decrease that was asked for all through the cooldown. What counts
// is the number desired now, not the one that began it.
func (p *Pool) cooledDown() {
	if p.cooldown == nil || p.stopping {
		return
	}
	p.cooldown = nil
	if extra := p.snapshot().Actual - p.desired; extra > 0 {
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
	if m.busy && p.options.DrainTimeout > 0 {
		p.on(m, worker.Spare)
	} else {
		p.on(m, worker.Stop)
	}
}

// spared are the workers that would be there again if they were wanted, running ones first.
func (p *Pool) spared() []*member {
	spared := p.sorted(worker.State.Spared)
	sort.SliceStable(spared, func(i, j int) bool { return spared[i].state > spared[j].state })
	return spared
}

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

func (p *Pool) start(done func(identity string, err error)) {
	p.lastNumber++
	m := &member{number: p.lastNumber, asked: time.Now(), started: done}
	for p.slots[m.slot] {
		m.slot++
	}
	p.slots[m.slot] = true
	p.workers[m.number] = m
	start := protocol.Start{Worker: m.number}
	if p.options.Settings != nil {
		start.Settings = p.options.Settings(m.slot)
	}
	if err := p.options.Launcher.Send(start); err != nil {
		// A host that is gone is told by HostLost, and is nobody's young death.
		p.hostless = true
		p.notStarted(m, err)
	}
}

func (p *Pool) retryLater(wait time.Duration) {
	if p.retry != nil {
		return
	}
	p.retry = p.after(wait, func() {
		p.retry = nil
		if !p.stopping {
			p.reconcile()
		}
	})
}
