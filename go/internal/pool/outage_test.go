package pool

import (
	"reflect"
	"testing"
)

// newFixedPool returns a pool as in fixed mode, with three workers.
func newFixedPool(t *testing.T) *fixture {
	t.Helper()
	f := newPool(t, func(o *Options) { o.Replace, o.Restore = false, true })
	f.grow(3)
	return f
}

func TestNoStartsWithoutScheduler(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.age()
	f.on(SchedulerLost{})
	f.exit(1, exitedWith1)
	f.expect(reap(1))
	f.expectNothing()
	f.on(SetDesired{2})
	f.expectNothing()
	f.on(SchedulerFound{false})
	f.expect(startIn(0, 2), startIn(1, 3))
	f.expectNothing()
}

// Workers that die during an outage do not delay starts after it.
func TestDeathsDuringOutageDoNotCount(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.exit(1, exitedWith1)
	f.expect(reap(1))
	f.expect(startIn(0, 2))
	f.diesAtStart(2)
	f.expect(startIn(0, 3))
	f.diesAtStart(3)
	if f.Deadline().IsZero() {
		t.Error("the next one does not wait")
	}
	f.on(SchedulerLost{})
	f.on(SchedulerFound{false})
	f.expect(startIn(0, 4))
}

func TestFixedPoolIsRestored(t *testing.T) {
	f := newFixedPool(t)
	f.on(SchedulerLost{})
	f.exit(1, exitedWith0)
	f.expect(reap(1))
	f.exit(2, exitedWith1)
	f.expect(reap(2))
	f.expectNothing()
	f.check("two ends", func(s Snapshot) bool { return s.Ended == 2 && s.Desired == 3 && s.Failed == 0 && !s.Empty() })
	f.on(SchedulerFound{false})
	f.expect(startIn(0, 4), startIn(1, 5))
	f.expectNothing()
}

// A worker's exit and the loss of the scheduler are noticed in any order.
func TestFixedPoolIsRestoredAroundTheLoss(t *testing.T) {
	f := newFixedPool(t)
	f.pass(1)
	f.exit(1, exitedWith0)
	f.expect(reap(1))
	f.exit(2, exitedWith1)
	f.expect(reap(2))
	f.check("two less", func(s Snapshot) bool { return s.Desired == 1 && s.Failed == 1 })
	f.on(SchedulerLost{})
	f.check("what there was", func(s Snapshot) bool { return s.Desired == 3 && s.Failed == 0 })
	f.on(SchedulerFound{false})
	f.expect(startIn(0, 4), startIn(1, 5))
	f.started(4)
	f.started(5)
	f.exit(3, exitedWith1) // still because of the outage
	f.expect(reap(3))
	f.expect(startIn(2, 6))
	f.started(6)
	f.exit(6, exitedWith1) // a failure of its own
	f.expect(reap(6))
	f.expectNothing()
	f.check("one less", func(s Snapshot) bool { return s.Desired == 2 && s.Failed == 1 })
}

func TestExitsLongBeforeTheOutageAreNotRestored(t *testing.T) {
	f := newFixedPool(t)
	for number := 1; number <= 2; number++ {
		f.exit(number, exitedWith1)
		f.expect(reap(number))
		if len(f.losses) != 1 {
			t.Errorf("%d ends are remembered, want 1", len(f.losses))
		}
		f.pass(outageWindow + 1)
	}
	f.on(SchedulerLost{})
	f.on(SchedulerFound{false})
	f.expectNothing()
	f.pass(outageWindow + 1)
	f.exit(3, exitedWith0)
	f.expect(reap(3))
	f.expectNothing()
	f.check("the end of all", func(s Snapshot) bool { return s.Empty() && s.Failed == 2 && s.Unreplaced == 2 })
}

// Workers that exit while the pool stops are not restored.
func TestNothingIsRestoredWhileStopping(t *testing.T) {
	f := newFixedPool(t)
	f.exit(1, exitedWith1)
	f.on(Stop{})
	f.on(SchedulerLost{})
	f.check("nobody desired", func(s Snapshot) bool { return s.Desired == 0 })
}

func TestNewSchedulerGetsNewWorkers(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(Busy{1})
	f.on(SetDesired{3})
	f.expect(start(3)) // forked only after the new scheduler is found
	f.on(SchedulerLost{})
	f.on(SchedulerFound{true})
	f.expect(kill(1), kill(2))
	f.expectNothing()
	f.started(3)
	for number := 2; number >= 1; number-- {
		f.exit(number, killed)
		f.expect(reap(number), startIn(number-1, 6-number))
		f.started(6 - number)
	}
	f.expectNothing()
	f.check("three workers", func(s Snapshot) bool {
		return s.Actual == 3 && s.Desired == 3 && s.Failed == 0 && s.Ended == 2
	})
}

func TestWorkersOfASchedulerThatIsGoneAreKilledAtOnce(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SchedulerLost{})
	f.on(SchedulerGone{})
	f.expect(kill(1), kill(2))
	for number := 1; number <= 2; number++ {
		f.exit(number, killed)
		f.expect(reap(number))
	}
	f.expectNothing()
	f.on(SchedulerFound{true})
	f.expect(startIn(0, 3), startIn(1, 4))
	f.expectNothing()
}

func TestWorkersOfAFormerAddressAreReplaced(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SchedulerLost{})
	f.on(HostMoved{})
	f.expect(kill(1), kill(2))
	f.on(SchedulerFound{})
	f.expectNothing()
	for number := 1; number <= 2; number++ {
		f.exit(number, killed)
		f.expect(reap(number), startIn(number-1, 2+number))
	}
	f.expectNothing()
	f.check("no failures", func(s Snapshot) bool { return s.Desired == 2 && s.Failed == 0 })
	want := []Disconnect{{identityOf(1), []byte{1}, true}, {identityOf(2), []byte{2}, true}}
	if !reflect.DeepEqual(f.disconnects, want) {
		t.Errorf("told %v, want %v", f.disconnects, want)
	}
}

func TestNothingIsReplacedWhileStopping(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.on(Stop{})
	f.expect(terminate(1))
	f.on(SchedulerGone{})
	f.on(SchedulerFound{true})
	f.expectNothing()
}

// A draining worker is not replaced, and fewer workers are started if fewer are desired by then.
func TestReplacementFollowsDesired(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(3)
	for number := 1; number <= 3; number++ {
		f.on(Busy{number})
	}
	f.on(SetDesired{2}) // the first one drains
	f.on(SchedulerFound{true})
	f.expect(kill(1), kill(2), kill(3))
	f.on(SetDesired{1})
	f.expectNothing()
	for number := 1; number <= 3; number++ {
		f.exit(number, killed)
		f.expect(reap(number))
	}
	f.expect(startIn(0, 4))
	f.expectNothing()
}
