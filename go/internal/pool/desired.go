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

// StartOne starts a worker more than there are. done is called with its identity, or
// with why there is none: ErrTooMany, ErrStopping or what the host says.
func (p *Pool) StartOne(done func(identity string, err error)) {
	p.do(func() {
		actual := p.snapshot().Actual
		switch {
		case p.stopping:
			done("", ErrStopping)
		case p.options.Maximum != Unlimited && actual >= p.options.Maximum:
			done("", ErrTooMany)
		default:
			p.desired = actual + 1
			p.start(done)
		}
	})
}

// StopThese stops the workers with these identities. done is called when all of them are
// gone. When one of them is not there, or none is named, nothing is stopped and done is
// called at once with ErrNotFound.
func (p *Pool) StopThese(identities []string, done func(err error)) {
	p.do(func() {
		named := map[*member]bool{}
		for _, identity := range identities {
			m := p.byIdentity[identity]
			if m == nil || !m.state.Wanted() {
				done(fmt.Errorf("%w: %s", ErrNotFound, identity))
				return
			}
			named[m] = true
		}
		if len(named) == 0 {
			done(fmt.Errorf("%w: none was named", ErrNotFound))
			return
		}
		left := len(named)
		for m := range named {
			m.gone = func() {
				if left--; left == 0 {
					done(nil)
				}
			}
			p.on(m, worker.Stop)
		}
		p.desired = max(p.desired-len(named), 0)
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
		if wait := time.Until(p.retryAt); wait > 0 {
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
		p.stopSome(-missing)
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
		p.stopSome(extra)
	}
}

// stopSome stops as many workers, those first that the scheduler knows least about.
func (p *Pool) stopSome(count int) {
	var wanted []*member
	for _, m := range p.workers {
		if m.state.Wanted() {
			wanted = append(wanted, m)
		}
	}
	sort.Slice(wanted, func(i, j int) bool {
		a, b := wanted[i], wanted[j]
		if a.state != b.state {
			return a.state < b.state
		}
		return a.number < b.number
	})
	for _, m := range wanted[:min(count, len(wanted))] {
		p.on(m, worker.Stop)
	}
}

func (p *Pool) start(done func(identity string, err error)) {
	p.lastNumber++
	m := &member{number: p.lastNumber, asked: time.Now(), started: done}
	p.workers[m.number] = m
	if err := p.options.Launcher.Send(protocol.Start{Worker: m.number}); err != nil {
		p.refused(m, err)
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
