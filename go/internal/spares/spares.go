// Package spares decides which workers get a spare processor, one that is ready before its worker needs it. It is a
// reducer: methods report what has happened, and Decide returns what the worker host has to do.
//
// The user sets their total number. A task must find its own worker's process to be its parent, so a spare processor
// cannot move to another worker. The workers that last needed another processor get one each, since they may need one
// again; the rest are made for new workers.
package spares

import (
	"reflect"
	"slices"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

const (
	// quietTime is how long no worker or processor must have been needed before a spare one is made: until then the CPUs
	// are for those that somebody waits for.
	quietTime = 200 * time.Millisecond

	// makeTimeout is how long making one may take before it counts as hung.
	makeTimeout = 30 * time.Second

	// tightTime is how long a worker that was near its memory limit gets none.
	tightTime = time.Minute
)

// retryBackoff is the backoff after spare processors that could not be made, or died before they were used.
var retryBackoff = backoff.Policy{First: time.Second, Last: time.Minute}

// spare is a spare processor, which is ready once it has a Pid.
type spare struct {
	Spare
	settings    protocol.Settings
	requestedAt time.Time
}

// Keeper tracks all spare processors. It is not safe for concurrent use.
type Keeper struct {
	count    int
	workers  []int               // the one that last needed a processor first
	expected []protocol.Settings // of the next workers
	tight    map[int]time.Time   // until when a worker gets none
	spares   []*spare
	down     bool // there is no worker host
	quietAt  time.Time
	failures int // consecutive ones
	retryAt  time.Time
}

// New returns a Keeper for this many spare processors.
func New(count int) *Keeper { return &Keeper{count: count, tight: map[int]time.Time{}} }

// ProcessorNeeded reports that a worker needs a processor.
func (k *Keeper) ProcessorNeeded(now time.Time, worker int) {
	k.Busy(now)
	k.workers = append([]int{worker}, slices.DeleteFunc(k.workers, func(w int) bool { return w == worker })...)
}

// Busy reports that a worker or a processor is needed, which postpones spare ones.
func (k *Keeper) Busy(now time.Time) { k.quietAt = now.Add(quietTime) }

// WorkerGone reports that a worker is exiting or has exited, with its spare processor.
func (k *Keeper) WorkerGone(worker int) {
	k.workers = slices.DeleteFunc(k.workers, func(w int) bool { return w == worker })
	k.forget(func(s *spare) bool { return s.Worker == worker })
	delete(k.tight, worker)
}

// Expect sets the settings of the next workers, in order.
func (k *Keeper) Expect(now time.Time, settings []protocol.Settings) {
	if !reflect.DeepEqual(settings, k.expected) {
		k.expected = settings
		k.Busy(now) // the change may mean that a worker is starting
	}
}

// HostLost reports that the worker host has died, with all workers and spare processors.
func (k *Keeper) HostLost() { k.workers, k.spares, k.down = nil, nil, true }

// HostReady reports that there is a worker host again.
func (k *Keeper) HostReady(now time.Time) {
	k.down = false
	k.Busy(now)
}

// Handle handles a message of the worker host about a spare processor.
func (k *Keeper) Handle(now time.Time, said protocol.Spare) {
	switch said.State {
	case protocol.SpareMade:
		if s := k.find(func(s *spare) bool { return s.Worker == 0 && s.Parent == 0 }); said.Worker == 0 && s != nil {
			s.Parent = said.Parent
		}
	case protocol.SpareReady:
		if s := k.find(func(s *spare) bool { return s.is(said) }); s != nil {
			s.Pid, s.Parent = said.Pid, said.Parent
		}
	case protocol.SpareGone:
		if s := k.find(func(s *spare) bool { return s.is(said) }); s != nil {
			k.forget(func(other *spare) bool { return other == s })
			k.fail(now, now.Sub(s.requestedAt))
		}
	}
}

// is reports whether a message is about this spare processor. Those for new workers are told apart by their parents;
// one that could not be made has none.
func (s *spare) is(said protocol.Spare) bool {
	return s.Worker == said.Worker && (said.Worker != 0 || s.Parent == said.Parent)
}

// fail delays the next attempt, unless the failed one has lived for long.
func (k *Keeper) fail(now time.Time, lived time.Duration) {
	if lived > retryBackoff.Last {
		k.failures = 0
	}
	k.retryAt = now.Add(retryBackoff.Delay(k.failures))
	k.failures++
}

// ProcessorStarted reports that a worker has got a processor, which may have been its spare one.
func (k *Keeper) ProcessorStarted(now time.Time, pid int) {
	k.Busy(now)
	if k.find(func(s *spare) bool { return s.Pid == pid }) != nil {
		k.failures, k.retryAt = 0, time.Time{}
		k.forget(func(s *spare) bool { return s.Pid == pid })
	}
}

// WorkerStarted reports that a worker has started with this process, which may have been a spare one.
func (k *Keeper) WorkerStarted(now time.Time, worker, parent int) {
	k.Busy(now)
	if s := k.find(func(s *spare) bool { return s.Worker == 0 && s.Parent == parent }); s != nil {
		s.Worker = worker
	}
	k.workers = append(k.workers, worker)
}

// MemoryTight reports that a worker is near its memory limit.
func (k *Keeper) MemoryTight(now time.Time, worker int) { k.tight[worker] = now.Add(tightTime) }

// Decide returns what to do now. If memory of the machine is scarce, all spare processors are dropped.
func (k *Keeper) Decide(now time.Time, scarce bool) (effects []Effect) {
	count := k.count
	if scarce {
		count = 0
	}
	wanted, settings := k.wantedSpares(now, count)
	quiet := !now.Before(k.quietAt)
	for _, s := range slices.Clone(k.spares) {
		late := s.Pid == 0 && now.Sub(s.requestedAt) >= makeTimeout
		urgent := scarce || k.tight[s.Worker].After(now)
		surplus := s.Worker != 0 && !slices.Contains(wanted, s.Worker) || s.Worker == 0 && !fits(settings, s.settings)
		if !late && !urgent && !(surplus && quiet) || slices.Contains(effects, Effect(Drop{s.Worker})) {
			continue
		}
		effects = append(effects, Drop{s.Worker})
		k.forget(func(other *spare) bool { return other.Worker == s.Worker })
		if late {
			k.fail(now, 0)
		}
	}
	if k.down || !quiet || now.Before(k.retryAt) || k.find(func(s *spare) bool { return s.Pid == 0 }) != nil {
		return effects // one at a time, when nothing else is needed
	}
	for _, worker := range wanted {
		if k.find(func(s *spare) bool { return s.Worker == worker }) == nil {
			return append(effects, k.make(now, worker, protocol.Settings{}))
		}
	}
	for _, s := range k.spares {
		if i := index(settings, s.settings); s.Worker == 0 && i >= 0 {
			settings = slices.Delete(settings, i, i+1)
		}
	}
	if len(settings) > 0 {
		return append(effects, k.make(now, 0, settings[0]))
	}
	return effects
}

// Deadline returns when to call Decide again even if nothing happens; zero for never.
func (k *Keeper) Deadline(now time.Time) time.Time {
	var earliest time.Time
	consider := func(t time.Time) {
		if t.After(now) && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	consider(k.quietAt)
	consider(k.retryAt)
	for _, until := range k.tight {
		consider(until)
	}
	for _, s := range k.spares {
		if s.Pid == 0 {
			consider(s.requestedAt.Add(makeTimeout))
		}
	}
	return earliest
}

// Ready returns the spare processors that are ready.
func (k *Keeper) Ready() (ready []Spare) {
	for _, s := range k.spares {
		if s.Pid != 0 {
			ready = append(ready, s.Spare)
		}
	}
	return ready
}

// wantedSpares returns the workers that should have one, and the settings of the new workers that should.
func (k *Keeper) wantedSpares(now time.Time, count int) (workers []int, settings []protocol.Settings) {
	for _, worker := range k.workers {
		if len(workers) < count && !k.tight[worker].After(now) {
			workers = append(workers, worker)
		}
	}
	return workers, slices.Clone(k.expected[:min(count-len(workers), len(k.expected))])
}

func (k *Keeper) make(now time.Time, worker int, settings protocol.Settings) Effect {
	k.spares = append(k.spares, &spare{Spare: Spare{Worker: worker}, settings: settings, requestedAt: now})
	return Make{worker, settings}
}

func (k *Keeper) find(is func(*spare) bool) *spare {
	if i := slices.IndexFunc(k.spares, is); i >= 0 {
		return k.spares[i]
	}
	return nil
}

func (k *Keeper) forget(is func(*spare) bool) { k.spares = slices.DeleteFunc(k.spares, is) }

func index(all []protocol.Settings, one protocol.Settings) int {
	return slices.IndexFunc(all, func(other protocol.Settings) bool { return reflect.DeepEqual(one, other) })
}

func fits(all []protocol.Settings, one protocol.Settings) bool { return index(all, one) >= 0 }
