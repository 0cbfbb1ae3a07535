package pool

import (
	"slices"
	"testing"
	"time"
)

func TestSetDesiredUpAndDown(t *testing.T) {
	f := newPool(t, nil)
	f.grow(3)
	f.on(SetDesired{3})
	f.expectNothing()
	f.on(SetDesired{1})
	f.expect(terminate(1), terminate(2)) // oldest first
	f.expectNothing()
	f.check("stopping", func(s Snapshot) bool { return s.Actual == 1 && s.Stopping == 2 })
	f.exit(1, exitedWith0)
	f.expect(reap(1))
	f.on(SetDesired{2})
	f.expect(startIn(0, 4))
	f.expectNothing()
}

func TestMaximum(t *testing.T) {
	tests := []struct {
		name                   string
		maximum, desired, want int
	}{
		{"below", 3, 2, 2},
		{"as many", 3, 3, 3},
		{"above", 3, 100, 3},
		{"none", 0, 5, 0},
		{"no limit", Unlimited, 100, 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newPool(t, func(o *Options) { o.Maximum = test.maximum })
			f.on(SetDesired{test.desired})
			for number := 1; number <= test.want; number++ {
				f.expect(start(number))
			}
			f.expectNothing()
		})
	}
}

func TestUnregisteredWorkersAreStoppedFirst(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SetDesired{4})
	f.expect(start(3))
	f.expect(start(4))
	f.started(3)
	f.on(SetDesired{2})
	f.expect(terminate(3)) // 4 has no pid to signal yet
	f.expectNothing()
	f.started(4)
	f.expect(terminate(4))
	f.on(SetDesired{1})
	f.expect(terminate(1))
}

func TestIdleWorkersAreStoppedBeforeBusyOnes(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(3)
	f.on(Busy{1})
	f.on(SetDesired{1})
	f.expect(terminate(2), terminate(3))
	f.on(SetDesired{0})
	f.expectNothing()
	f.check("draining", func(s Snapshot) bool { return s.Draining == 1 })
	f.on(Idle{1})
	f.expect(terminate(1))
}

func TestIncreaseUndrains(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(2)
	f.on(Busy{1})
	f.on(Busy{2})
	f.on(SetDesired{0})
	f.on(SetDesired{1})
	f.expectNothing()
	f.on(Idle{1})
	f.on(Idle{2})
	f.expect(terminate(2)) // 1 was undrained
	f.expectNothing()
}

func TestDrainingIsBounded(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = time.Minute })
	f.grow(1)
	f.on(Busy{1})
	f.on(SetDesired{0})
	f.pass(time.Minute - 1)
	f.expectNothing()
	f.pass(1)
	f.expect(terminate(1))
}

func TestBusyWorkersAreStoppedWithoutDrainTimeout(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.on(Busy{1})
	f.on(SetDesired{0})
	f.expect(terminate(1))
}

func TestStopOfWorkerWithoutPidIsRevoked(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{1})
	f.expect(start(1))
	f.on(SetDesired{0})
	f.on(SetDesired{1})
	f.started(1)
	f.expectNothing()
	f.check("the worker", func(s Snapshot) bool { return s.Actual == 1 })
}

func TestCooldownIsHonoured(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Cooldown = time.Minute })
	f.grow(3)
	f.on(SetDesired{2})
	f.pass(time.Minute - 1)
	f.on(SetDesired{1}) // takes effect with the first one
	f.expectNothing()
	f.pass(1)
	f.expect(terminate(1), terminate(2))
	if next := f.Deadline(); next.Before(f.clock.Add(never)) {
		t.Errorf("the cooldown lasts until %s", next)
	}
	f.on(SetDesired{0})
	f.expectNothing()
	f.pass(time.Minute)
	f.expect(terminate(3))
}

func TestCooldownIsCancelledByAnIncrease(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Cooldown = time.Minute })
	f.grow(3)
	checkCooling := func(want bool) {
		t.Helper()
		if got := !f.Deadline().IsZero(); got != want {
			t.Fatalf("in the cooldown: %t, want %t", got, want)
		}
	}
	f.on(SetDesired{1})
	checkCooling(true)
	f.on(SetDesired{2}) // still fewer than there are
	checkCooling(true)
	f.on(SetDesired{3})
	checkCooling(false)
	f.on(SetDesired{1})
	f.on(SetDesired{4})
	f.expect(start(4))
	checkCooling(false)
	f.pass(never)
	f.expectNothing()
}

func TestCooldownDoesNotDelayStop(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Cooldown = never })
	f.grow(1)
	f.on(SetDesired{0})
	f.on(Stop{})
	f.expect(terminate(1))
	f.exit(1, exitedWith0)
	f.checkFinished(true)
}

func TestSlotsAreReused(t *testing.T) {
	f := newPool(t, nil)
	f.grow(3)
	f.age()
	f.exit(2, killed)
	f.expect(reap(2), startIn(1, 4))
	f.on(SetDesired{4})
	f.expect(startIn(3, 5))
}

func TestFreeSlots(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Maximum, o.Capacity = 5, 4 })
	check := func(most int, want ...int) {
		t.Helper()
		if got := f.FreeSlots(most); !slices.Equal(got, want) {
			t.Errorf("free are %v, want %v", got, want)
		}
	}
	check(2, 0, 1)
	check(9, 0, 1, 2, 3)
	f.grow(3)
	f.age()
	f.exit(2, killed)
	f.expect(reap(2), startIn(1, 4))
	check(2, 3)
	f.on(SetDesired{1})
	f.on(SetDesired{9})
	f.on(Stop{})
	check(9)
}
