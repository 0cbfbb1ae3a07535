package pool

import "testing"

// newConstant is a pool as of fixed mode, with three workers.
func newConstant(t *testing.T) *fixture {
	t.Helper()
	f := newPool(t, func(o *Options) { o.Replace, o.Restore = false, true })
	f.grow(3)
	return f
}

func TestNobodyIsStartedWithoutAScheduler(t *testing.T) {
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

// Workers that end while the scheduler is away do not make those wait that come after its return.
func TestDeathsForWantOfASchedulerAreNoYoungOnes(t *testing.T) {
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

func TestConstantIsRestored(t *testing.T) {
	f := newConstant(t)
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

// The news of a worker's end and of the scheduler's come in any order.
func TestConstantIsRestoredAroundTheLoss(t *testing.T) {
	f := newConstant(t)
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
	f.exit(3, exitedWith1) // it took long to end
	f.expect(reap(3))
	f.expect(startIn(2, 6))
	f.started(6)
	f.exit(6, exitedWith1) // a failure of its own
	f.expect(reap(6))
	f.expectNothing()
	f.check("one less", func(s Snapshot) bool { return s.Desired == 2 && s.Failed == 1 })
}

func TestEndsLongBeforeTheLossStay(t *testing.T) {
	f := newConstant(t)
	for number := 1; number <= 2; number++ {
		f.exit(number, exitedWith1)
		f.expect(reap(number))
		if len(f.declines) != 1 {
			t.Errorf("%d ends are remembered, want 1", len(f.declines))
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

// What ends while the pool stops is nothing to restore.
func TestNothingIsRestoredWhileStopping(t *testing.T) {
	f := newConstant(t)
	f.exit(1, exitedWith1)
	f.on(Stop{})
	f.on(SchedulerLost{})
	f.check("nobody desired", func(s Snapshot) bool { return s.Desired == 0 })
}

func TestAnotherSchedulerGetsOtherWorkers(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(Busy{1})
	f.on(SetDesired{3})
	f.expect(start(3)) // forked only after the scheduler was found
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

func TestNothingIsRenewedWhileStopping(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.on(Stop{})
	f.expect(terminate(1))
	f.on(SchedulerGone{})
	f.on(SchedulerFound{true})
	f.expectNothing()
}

// Fewer workers than were renewed are started when fewer are wanted by then, and one that was to go is not replaced.
func TestRenewalFollowsTheNumberDesired(t *testing.T) {
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
