package pool

import (
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// newConstant is a pool as of fixed mode, with three workers.
func newConstant(t *testing.T) *fixture {
	t.Helper()
	f := newPool(t, func(o *Options) { o.Replace, o.Constant, o.StopSignal = false, true, syscall.SIGTERM })
	f.grow(3)
	return f
}

func TestNobodyIsStartedWithoutAScheduler(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.age()
	f.SchedulerLost()
	f.exit(pidOf(1), exitedWith1)
	f.buried(1)
	f.expectNothing()
	f.SetDesired(2)
	f.expectNothing()
	f.SchedulerFound(false)
	f.expect(protocol.Start{Worker: 2})
	f.expect(protocol.Start{Worker: 3})
	f.expectNothing()
}

// Workers that end while the scheduler is away do not make those wait that come after its return.
func TestDeathsForWantOfASchedulerAreNoYoungOnes(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.exit(pidOf(1), exitedWith1)
	f.buried(1)
	f.expect(protocol.Start{Worker: 2})
	f.started(2)
	f.exit(pidOf(2), exitedWith1)
	f.buried(2)
	f.inside(func() {
		f.retryAt = time.Now().Add(never)
		if f.retry == nil {
			t.Error("the next one does not wait")
		}
	})
	f.SchedulerLost()
	f.SchedulerFound(false)
	f.expect(protocol.Start{Worker: 3})
}

func TestConstantIsRestored(t *testing.T) {
	f := newConstant(t)
	f.SchedulerLost()
	f.exit(pidOf(1), exitedWith0)
	f.buried(1)
	f.exit(pidOf(2), exitedWith1)
	f.buried(2)
	f.expectNothing()
	f.await("two ends", func(s Snapshot) bool { return s.Ended == 2 && s.Desired == 3 && s.Failed == 0 && !s.Empty() })
	f.SchedulerFound(false)
	f.expect(protocol.Start{Worker: 4})
	f.expect(protocol.Start{Worker: 5})
	f.expectNothing()
}

// The news of a worker's end and of the scheduler's come in any order.
func TestConstantIsRestoredAroundTheLoss(t *testing.T) {
	f := newConstant(t)
	f.exit(pidOf(1), exitedWith0)
	f.buried(1)
	f.exit(pidOf(2), exitedWith1)
	f.buried(2)
	f.await("two less", func(s Snapshot) bool { return s.Desired == 1 && s.Failed == 1 })
	f.SchedulerLost()
	f.await("what there was", func(s Snapshot) bool { return s.Desired == 3 && s.Failed == 0 })
	f.SchedulerFound(false)
	f.expect(protocol.Start{Worker: 4})
	f.started(4)
	f.expect(protocol.Start{Worker: 5})
	f.started(5)
	f.exit(pidOf(3), exitedWith1) // it took long to end
	f.buried(3)
	f.expect(protocol.Start{Worker: 6})
	f.started(6)
	f.exit(pidOf(6), exitedWith1) // a failure of its own
	f.buried(6)
	f.expectNothing()
	f.await("one less", func(s Snapshot) bool { return s.Desired == 2 && s.Failed == 1 })
}

func TestEndsLongBeforeTheLossStay(t *testing.T) {
	f := newConstant(t)
	for number := 1; number <= 2; number++ {
		f.exit(pidOf(number), exitedWith1)
		f.buried(number)
		f.inside(func() {
			if len(f.ends) != 1 {
				t.Errorf("%d ends are remembered, want 1", len(f.ends))
			}
			f.ends[0].at = f.ends[0].at.Add(-aftermath - time.Second)
		})
	}
	f.SchedulerLost()
	f.SchedulerFound(false)
	f.expectNothing()
	f.inside(func() { f.foundAt = f.foundAt.Add(-aftermath - time.Second) })
	f.exit(pidOf(3), exitedWith0)
	f.buried(3)
	f.expectNothing()
	f.await("the end of all", func(s Snapshot) bool { return s.Empty() && s.Failed == 2 })
}

func TestAnotherSchedulerGetsOtherWorkers(t *testing.T) {
	var slots []int
	f := newPool(t, func(o *Options) {
		o.Settings = func(slot int) protocol.Settings { slots = append(slots, slot); return protocol.Settings{} }
	})
	f.grow(2)
	f.Handle(protocol.Busy{Worker: 1})
	f.SetDesired(3)
	f.expect(protocol.Start{Worker: 3}) // forked only after the scheduler was found
	f.SchedulerLost()
	f.SchedulerFound(true)
	f.expectSignals(signalled{pidOf(1), syscall.SIGKILL, true}, signalled{pidOf(2), syscall.SIGKILL, true})
	f.expectNothing()
	f.started(3)
	for number := 2; number >= 1; number-- {
		f.exit(pidOf(number), killed)
		f.buried(number)
		f.expect(protocol.Start{Worker: 6 - number})
		f.started(6 - number)
	}
	f.expectNothing()
	f.await("three workers", func(s Snapshot) bool { return s.Actual == 3 && s.Desired == 3 && s.Failed == 0 && s.Ended == 2 })
	f.inside(func() {
		if want := []int{0, 1, 2, 1, 0}; len(slots) != len(want) || slots[3] != want[3] || slots[4] != want[4] {
			t.Errorf("the slots are %v, want %v", slots, want)
		}
		if f.youngDeaths != 0 {
			t.Errorf("%d young deaths", f.youngDeaths)
		}
	})
}

func TestWorkersOfASchedulerThatIsGoneAreKilledAtOnce(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.SchedulerLost()
	f.SchedulerGone()
	f.expectSignals(signalled{pidOf(1), syscall.SIGKILL, true}, signalled{pidOf(2), syscall.SIGKILL, true})
	for number := 1; number <= 2; number++ {
		f.exit(pidOf(number), killed)
		f.buried(number)
	}
	f.expectNothing()
	f.SchedulerFound(true)
	f.expect(protocol.Start{Worker: 3})
	f.expect(protocol.Start{Worker: 4})
	f.expectNothing()
}

func TestNothingIsRenewedWhileStopping(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.Stop()
	f.expectSignals(signalled{pidOf(1), syscall.SIGINT, false})
	f.SchedulerGone()
	f.SchedulerFound(true)
	f.expectNothing()
}

// Fewer workers than were renewed are started when fewer are wanted by then, and one that was to go is not replaced.
func TestRenewalFollowsTheNumberDesired(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(3)
	for number := 1; number <= 3; number++ {
		f.Handle(protocol.Busy{Worker: number})
	}
	f.SetDesired(2) // the first one drains
	f.SchedulerFound(true)
	for range 3 {
		if s := take(t, f.signals, "signal"); s.signal != syscall.SIGKILL || !s.group {
			t.Errorf("sent %v", s)
		}
	}
	f.SetDesired(1)
	f.expectNothing()
	for number := 1; number <= 3; number++ {
		f.exit(pidOf(number), killed)
		f.buried(number)
	}
	f.expect(protocol.Start{Worker: 4})
	f.expectNothing()
}
