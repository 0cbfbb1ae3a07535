package pool

import (
	"errors"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// diesAtStart has a worker start, and exit before it has registered.
func (f *fixture) diesAtStart(number int) {
	f.t.Helper()
	f.started(number)
	f.exit(number, exitedWith1)
	f.expect(reap(number))
}

// waits returns how long it takes until the next effects.
func (f *fixture) waits() time.Duration {
	f.t.Helper()
	f.expectNothing()
	begun := f.clock
	for len(f.effects) == 0 {
		due := f.Deadline()
		if due.IsZero() {
			f.t.Fatal("no tick is requested")
		}
		f.pass(due.Sub(f.clock))
	}
	return f.clock.Sub(begun)
}

func TestFailedStartsBackOff(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{1})
	f.expect(start(1))
	f.diesAtStart(1)
	f.expect(startIn(0, 2)) // the first failure is free
	f.diesAtStart(2)
	f.expectNothing()
	f.on(SetDesired{2}) // does not bypass the backoff
	if waited := f.waits(); waited < 150*time.Millisecond || waited > 350*time.Millisecond {
		t.Errorf("the second one was replaced after %s", waited)
	}
	f.expect(startIn(0, 3), startIn(1, 4))
	// A long-lived worker resets the backoff.
	f.started(3)
	f.on(Registered{3})
	f.age()
	f.exit(3, exitedWith1)
	f.expect(reap(3), startIn(0, 5))
	f.diesAtStart(5)
	f.expect(startIn(0, 6))
}

func TestBackoffGrowsToHalfAMinute(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{1})
	f.expect(start(1))
	f.diesAtStart(1)
	f.expect(startIn(0, 2))
	last := time.Duration(0)
	for number := 2; number < 20; number++ {
		f.diesAtStart(number)
		last = f.waits()
		f.expect(startIn(0, number+1))
	}
	if last < 20*time.Second || last > 40*time.Second {
		t.Errorf("the last one was replaced after %s", last)
	}
	if lines := f.loggedCount("worker %s (pid %d) died: %s%s"); lines > maxIndividualLogs {
		t.Errorf("%d deaths were logged one by one", lines)
	}
}

// A pool that fails as a whole counts once: all workers are replaced at once the first time, and after one delay later.
func TestDeathsOfOneRoundCountOnce(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{2})
	f.expect(start(1), start(2))
	f.started(1)
	f.started(2)
	f.pass(time.Second)
	for number := 1; number <= 2; number++ {
		f.exit(number, killed)
		f.expect(reap(number), startIn(number-1, number+2))
	}
	f.pass(time.Second)
	f.diesAtStart(3)
	f.diesAtStart(4)
	if waited := f.waits(); waited > 350*time.Millisecond {
		t.Errorf("the second round was replaced after %s", waited)
	}
	f.expect(startIn(0, 5), startIn(1, 6))
	f.expectNothing()
}

func TestStartOneIsRefusedDuringBackoff(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{1})
	f.expect(start(1))
	f.diesAtStart(1)
	f.expect(startIn(0, 2))
	f.diesAtStart(2)
	f.startOne()
	f.expectAnswer("start", "", ErrTooSoon)
	f.expectNothing()
}

func TestRefusedStartsBackOff(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{1})
	f.expect(start(1))
	f.on(Refused{1, errors.New("no memory")})
	f.expect(startIn(0, 2))
	f.pass(time.Second)
	f.on(Refused{2, errors.New("no memory")})
	if waited := f.waits(); waited < 150*time.Millisecond {
		t.Errorf("the second one was replaced after %s", waited)
	}
	f.expect(startIn(0, 3))
	f.started(3)
	f.check("a worker", func(s Snapshot) bool { return s.Actual == 1 && s.Failed == 2 })
}

// A task that kills its worker is rerun on the next one, and kills that, too. Other workers must not be delayed by it.
func TestPoisonTaskDelaysOnlyItsOwnSlot(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.exit(1, killed)
	f.expect(reap(1), startIn(0, 3)) // the first failure is free
	number, last := 3, time.Duration(0)
	for range 8 {
		f.started(number)
		f.on(Registered{number})
		f.exit(number, killed)
		f.expect(reap(number))
		waited := f.waits()
		if waited < last || waited > longestHold {
			t.Fatalf("replaced after %s, before that after %s", waited, last)
		}
		last = waited
		number++
		f.expect(startIn(0, number))
	}
	if last != longestHold {
		t.Errorf("the last one was replaced after %s", last)
	}
	f.started(number)
	f.on(Registered{number})
	f.exit(number, killed)
	f.expect(reap(number))
	f.on(SetDesired{4})
	f.expect(startIn(0, number+1), startIn(2, number+2))
	f.expectNothing()
	f.started(number + 1)
	f.started(number + 2)
	f.startOne() // is not delayed
	f.expect(startIn(3, number+3))
	f.started(number + 3)
	f.expectAnswer("start", identityOf(number+3), nil)
}

// Crashes that are further apart than crashWindow do not add up.
func TestPoisonTaskIsForgotten(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	for number := 1; number <= 3; number++ {
		f.exit(number, killed)
		f.expect(reap(number), startIn(0, number+1))
		f.pass(crashWindow)
		f.started(number + 1)
		f.on(Registered{number + 1})
		f.pass(1)
	}
	if worker.EarlyDeath > crashWindow {
		t.Error("no death of this test is one of a young worker")
	}
}
