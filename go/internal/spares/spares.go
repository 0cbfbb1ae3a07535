// Package spares decides where spare processors are kept: those that wait for the day on which their worker needs another
// one, so that it need not be made then. It is a reducer. Its methods take what happened, and Decide returns what the
// worker host is to do.
//
// There are as many as the user wants, in all. A task must find its own worker's process to be its parent, so that a
// spare processor is of one worker for good. One is kept by each worker that has needed another processor last, as it may
// do so again, and by as many as there are to be; what is left over, by workers that are yet to come.
package spares

import (
	"reflect"
	"slices"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

const (
	// quietTime is how long nobody must have needed a worker or a processor before a spare one is made: the CPUs are for
	// those that somebody waits for.
	quietTime = 200 * time.Millisecond

	// makeTime bounds the making of one. One that is not made in that time hangs.
	makeTime = 30 * time.Second

	// tightTime is how long a worker that was near its limit of memory keeps none.
	tightTime = time.Minute
)

// again spaces the attempts when spare processors do not come to be, or die before they are needed.
var again = backoff.Policy{First: time.Second, Last: time.Minute}

// spare is one that there is, or is on its way. Its Pid is 0 until it is ready.
type spare struct {
	Spare
	settings protocol.Settings
	asked    time.Time
}

// Keeper keeps account of all spare processors. It is for one goroutine.
type Keeper struct {
	count    int
	workers  []int               // those that there are, the one that needed a processor last first
	expected []protocol.Settings // of the workers that may come next
	tight    map[int]time.Time   // until when a worker keeps none
	spares   []*spare
	down     bool // there is no worker host
	quietAt  time.Time
	failures int // in a row
	retryAt  time.Time
}

// New makes a keeper of so many.
func New(count int) *Keeper { return &Keeper{count: count, tight: map[int]time.Time{}} }

// Needed says that a worker needs a processor.
func (k *Keeper) Needed(now time.Time, worker int) {
	k.Disturb(now)
	k.workers = append([]int{worker}, slices.DeleteFunc(k.workers, func(w int) bool { return w == worker })...)
}

// Disturb says that somebody waits for a worker or a processor.
func (k *Keeper) Disturb(now time.Time) { k.quietAt = now.Add(quietTime) }

// Leaves says that a worker ends, or has ended, and with it its spare processor.
func (k *Keeper) Leaves(worker int) {
	k.workers = slices.DeleteFunc(k.workers, func(w int) bool { return w == worker })
	k.forget(func(s *spare) bool { return s.Worker == worker })
	delete(k.tight, worker)
}

// Expect says what the workers that may come next are given, in this order.
func (k *Keeper) Expect(now time.Time, settings []protocol.Settings) {
	if !reflect.DeepEqual(settings, k.expected) {
		k.expected = settings
		k.Disturb(now) // one that is expected no more may just be coming
	}
}

// Lost says that the worker host is no more, and nothing of it, until Back.
func (k *Keeper) Lost() { k.workers, k.spares, k.down = nil, nil, true }

// Back says that there is a worker host again.
func (k *Keeper) Back(now time.Time) {
	k.down = false
	k.Disturb(now)
}

// Said takes what the worker host says of one.
func (k *Keeper) Said(now time.Time, said protocol.Spare) {
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
			k.fail(now, now.Sub(s.asked))
		}
	}
}

// is tells whether it is the one that something is said of. Those of workers that are yet to come are told apart by their
// parents, and one that could not be made has none.
func (s *spare) is(said protocol.Spare) bool {
	return s.Worker == said.Worker && (said.Worker != 0 || s.Parent == said.Parent)
}

// fail has the next one wait, unless the last one has lived for long.
func (k *Keeper) fail(now time.Time, lived time.Duration) {
	if lived > again.Last {
		k.failures = 0
	}
	k.retryAt = now.Add(again.Delay(k.failures))
	k.failures++
}

// Taken says that a worker has another processor, which may have been the spare one.
func (k *Keeper) Taken(now time.Time, pid int) {
	k.Disturb(now)
	if k.find(func(s *spare) bool { return s.Pid == pid }) != nil {
		k.failures, k.retryAt = 0, time.Time{}
		k.forget(func(s *spare) bool { return s.Pid == pid })
	}
}

// Came says that a worker has come to be by a process, which may have been a spare one.
func (k *Keeper) Came(now time.Time, worker, parent int) {
	k.Disturb(now)
	if s := k.find(func(s *spare) bool { return s.Worker == 0 && s.Parent == parent }); s != nil {
		s.Worker = worker
	}
	k.workers = append(k.workers, worker)
}

// Tight says that a worker is near its limit of memory.
func (k *Keeper) Tight(now time.Time, worker int) { k.tight[worker] = now.Add(tightTime) }

// Decide returns what is to be done now. There may be scarcely any memory left on the machine, in which case there are to be
// none.
func (k *Keeper) Decide(now time.Time, scarce bool) (effects []Effect) {
	count := k.count
	if scarce {
		count = 0
	}
	wanted, settings := k.places(now, count)
	quiet := !now.Before(k.quietAt)
	for _, s := range slices.Clone(k.spares) {
		late := s.Pid == 0 && now.Sub(s.asked) >= makeTime
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
		return effects // one after the other, when there is time
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

// Deadline is when to decide again though nothing has happened; zero when that is never.
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
			consider(s.asked.Add(makeTime))
		}
	}
	return earliest
}

// Ready are those that wait.
func (k *Keeper) Ready() (ready []Spare) {
	for _, s := range k.spares {
		if s.Pid != 0 {
			ready = append(ready, s.Spare)
		}
	}
	return ready
}

// places are the workers that are to keep one, and the settings of those that are yet to come.
func (k *Keeper) places(now time.Time, count int) (workers []int, settings []protocol.Settings) {
	for _, worker := range k.workers {
		if len(workers) < count && !k.tight[worker].After(now) {
			workers = append(workers, worker)
		}
	}
	return workers, slices.Clone(k.expected[:min(count-len(workers), len(k.expected))])
}

func (k *Keeper) make(now time.Time, worker int, settings protocol.Settings) Effect {
	k.spares = append(k.spares, &spare{Spare: Spare{Worker: worker}, settings: settings, asked: now})
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
