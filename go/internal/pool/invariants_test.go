package pool

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"syscall"
	"testing"
	"time"
)

// world feeds a pool random events, plausible or not, and checks the invariants of its effects.
type world struct {
	*Pool
	t        *testing.T
	random   *rand.Rand
	clock    time.Time
	last     Event
	starting map[int]int    // slot by number, of starts in flight
	slots    map[int]int    // slot by pid, of processes whose exit was not reported
	known    map[int]bool   // pids that an effect may name
	answers  map[string]int // count by request
	orphans  map[int]int    // pids of workers whose host has died
	lastPid  int
	up       bool // there is a host
}

const maxStarting, capacity = 5, 12

func newWorld(t *testing.T, seed uint64) *world {
	random := rand.New(rand.NewPCG(seed, 1))
	options := Options{
		Maximum: Unlimited, Capacity: capacity, MaxStarting: maxStarting, Replace: seed%2 == 0, Restore: seed%3 == 0,
		StopTimeout: time.Second, DrainTimeout: time.Duration(seed%2) * time.Second,
		Cooldown: time.Duration(seed%5) * time.Second, LogRegistered: seed%2 == 0,
	}
	return &world{
		Pool: New(options), t: t, random: random, clock: time.Unix(1e9, 0),
		starting: map[int]int{}, slots: map[int]int{}, known: map[int]bool{},
		answers: map[string]int{}, orphans: map[int]int{}, lastPid: 1000,
	}
}

func (w *world) fail(format string, arguments ...any) {
	w.t.Helper()
	w.t.Fatalf("after %#v: %s; %+v", w.last, fmt.Sprintf(format, arguments...), w.Snapshot())
}

func (w *world) handle(event Event) {
	w.t.Helper()
	w.last = event
	for _, effect := range w.Handle(w.clock, event) {
		switch effect := effect.(type) {
		case Start:
			if w.stopping || w.hostDown || w.draining {
				w.fail("a start while none is allowed")
			}
			for number, slot := range w.starting {
				if number == effect.Worker || slot == effect.Slot {
					w.fail("%#v, but worker %d is starting in slot %d", effect, number, slot)
				}
			}
			for pid, slot := range w.slots {
				if slot == effect.Slot {
					w.fail("%#v, but the slot is occupied by pid %d", effect, pid)
				}
			}
			w.starting[effect.Worker] = effect.Slot
		case DrainWorker, UndrainWorker:
			if !w.agentsDrain {
				w.fail("%#v, but agents cannot drain", effect)
			}
		case Track:
			w.known[effect.Pid] = true
		case Terminate:
			w.checkPid(effect, effect.Pid)
		case KillGroup:
			w.checkPid(effect, effect.Pid)
		case Reap:
			w.checkPid(effect, effect.Pid)
			delete(w.known, effect.Pid)
		case Answer:
			w.answers[effect.Request.(string)]++
		}
	}
	if len(w.starting) > maxStarting {
		w.fail("%d starts in flight", len(w.starting))
	}
	s := w.Snapshot()
	if s.Desired < 0 || s.Desired > capacity || s.Registered > s.Actual || s.Unreplaced > s.Failed || s.Failed < 0 ||
		s.Unreplaced < 0 || w.lost < 0 {
		w.fail("an impossible snapshot")
	}
	if w.draining && !w.stopping && s.Actual > 0 {
		w.fail("a wanted worker while draining")
	}
	if w.cooldownAt.IsZero() && !w.stopping && s.Actual > s.Desired && w.options.Cooldown > 0 {
		if _, asked := event.(SetDesired); asked {
			w.fail("too many workers, and no cooldown")
		}
	}
	if _, tick := event.(Tick); tick {
		if due := w.Deadline(); !due.IsZero() && !due.After(w.clock) {
			w.fail("a tick asks for another one at once")
		}
	}
}

func (w *world) checkPid(effect Effect, pid int) {
	w.t.Helper()
	if !w.known[pid] {
		w.fail("%#v of a pid that is not a worker", effect)
	}
}

// request returns a new Request.
func (w *world) request() string {
	name := fmt.Sprint("request ", len(w.answers))
	w.answers[name] = 0
	return name
}

// end stops the pool, and checks that every request was answered exactly once.
func (w *world) end() {
	w.t.Helper()
	w.handle(Stop{})
	for range w.random.IntN(20) {
		w.step()
	}
	if w.random.IntN(2) == 0 {
		w.handle(Kill{})
		clear(w.starting)
	}
	for len(w.starting) > 0 {
		w.answerStart(w.random.IntN(2) == 0)
	}
	for _, pid := range slices.Sorted(maps.Keys(w.slots)) {
		_, orphan := w.orphans[pid]
		w.exit(pid, syscall.WaitStatus(killed), orphan)
	}
	if !w.Finished() {
		w.fail("not finished without workers")
	}
	for request, answers := range w.answers {
		if answers != 1 {
			w.fail("%s has %d answers", request, answers)
		}
	}
}

func TestInvariants(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			if seed%4 < 2 {
				w.handle(AgentsDrain{})
			}
			for range 400 {
				w.step()
			}
			w.end()
		})
	}
}
