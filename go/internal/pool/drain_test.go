package pool

import (
	"testing"
	"time"
)

// newDrainingPool returns a pool whose agents can drain.
func newDrainingPool(t *testing.T, change func(*Options)) *fixture {
	t.Helper()
	f := newPool(t, func(o *Options) {
		o.DrainTimeout = never
		if change != nil {
			change(o)
		}
	})
	f.on(AgentsDrain{})
	return f
}

// exitDrained has a worker exit because it has drained.
func (f *fixture) exitDrained(number int) {
	f.t.Helper()
	f.on(Drained{number})
	f.expect(terminate(number)) // harmless: its agent is exiting
	f.exit(number, exitedWith0)
	f.expect(reap(number))
}

func (f *fixture) checkDrained(draining, drained bool) {
	f.t.Helper()
	if f.Draining() != draining || f.Drained() != drained {
		f.t.Fatalf("draining: %t, drained: %t; %+v", f.Draining(), f.Drained(), f.Snapshot())
	}
}

func TestDrain(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(2)
	f.on(SetDesired{4})
	f.expect(start(3), start(4))
	f.started(3)
	f.on(Busy{1})
	f.on(Drain{})
	f.expect(DrainWorker{1}, DrainWorker{2}, terminate(3)) // 3 has not registered, and 4 has no process yet
	f.started(4)
	f.expect(terminate(4))
	f.exitDrained(2)
	f.exit(3, exitedWith0)
	f.expect(reap(3))
	f.exit(4, exitedWith0)
	f.expect(reap(4))
	f.checkDrained(true, false)
	f.exitDrained(1)
	f.checkDrained(true, true)
	f.check("drained", func(s Snapshot) bool { return s == Snapshot{Desired: 4, Ended: 4} })
	f.checkFinished(false)
	f.expectNothing()
}

func TestDrainWithoutWorkers(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.checkDrained(false, false)
	f.on(Drain{time.Second})
	f.checkDrained(true, true)
	if next := f.Deadline(); !next.IsZero() {
		t.Errorf("a tick at %s is asked for", next)
	}
}

// Scaler's own agents cannot drain: the pool waits until their workers are idle.
func TestDrainOfScalersAgents(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(Busy{1})
	f.on(Drain{})
	f.expect(terminate(2))
	f.expectNothing()
	f.on(Idle{1})
	f.expect(terminate(1))
}

func TestDeadlineOfDrain(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(2)
	f.on(Busy{1})
	f.on(Busy{2})
	f.on(SetDesired{1}) // starts a drain without a deadline
	f.expect(DrainWorker{1})
	f.on(Drain{time.Minute})
	f.expect(DrainWorker{2})
	f.pass(time.Second)
	f.on(Drain{time.Minute}) // replaces the deadline
	f.pass(time.Minute - 1)
	f.expectNothing()
	f.pass(1)
	f.expect(terminate(1), terminate(2))
	f.exit(1, exitedWith0)
	f.exit(2, killed)
	f.expect(reap(1), reap(2))
	f.checkDrained(true, true)
	f.check("not failed", func(s Snapshot) bool { return s.Failed == 0 && s.Desired == 1 })
}

// A worker that is stuck in the kernel does not hold up the others.
func TestDrainedDespiteStuckWorker(t *testing.T) {
	f := newDrainingPool(t, func(o *Options) { o.StopTimeout = time.Second })
	f.grow(1)
	f.on(Drain{time.Second})
	f.expect(DrainWorker{1})
	f.pass(2*time.Second + killTimeout - 1)
	f.expect(terminate(1), kill(1))
	f.checkDrained(true, false)
	f.pass(1)
	f.checkDrained(true, true)
}

func TestNoStartsWhileDraining(t *testing.T) {
	f := newDrainingPool(t, func(o *Options) { o.Maximum = 5 })
	f.grow(2)
	f.on(Drain{})
	f.expect(DrainWorker{1}, DrainWorker{2})
	f.startOne()
	f.expectAnswer("start", "", ErrDraining)
	f.on(SetDesired{3}) // sent before the scheduler knew
	f.on(SetDesired{0}) // a scheduler's answer to a manager that offers no workers
	f.stopWorkers(identityOf(1))
	f.exit(2, exitedWith1)
	f.expect(reap(2))
	f.on(HostReady{})
	f.on(SchedulerLost{})
	f.on(SchedulerFound{})
	f.expectNothing()
	f.exitDrained(1)
	f.expectAnswer("stop", "", nil)
	f.on(Restart{1})
	f.on(RestartAll{})
	f.pass(never)
	f.expectNothing()
	if free := f.FreeSlots(3); free != nil {
		t.Errorf("free slots: %v, want none", free)
	}
	f.on(Resume{})
	f.expect(startIn(0, 3), startIn(1, 4), startIn(2, 5))
}

func TestResume(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(4)
	f.on(Resume{}) // without a drain
	f.on(SetDesired{3})
	f.expect(DrainWorker{1}) // surplus
	f.on(Drain{time.Minute})
	f.expect(DrainWorker{2}, DrainWorker{3}, DrainWorker{4})
	f.exitDrained(2)
	f.on(Resume{})
	f.expect(UndrainWorker{1}, UndrainWorker{3}, UndrainWorker{4}) // undraining 1 is cheaper than a new worker
	f.pass(2 * time.Minute)
	f.check("resumed", func(s Snapshot) bool { return s.Registered == 3 && s.Draining == 0 })
	f.expectNothing()
}

func TestResumeKeepsDrainingSurplusWorkers(t *testing.T) {
	f := newDrainingPool(t, func(o *Options) { o.DrainTimeout = time.Minute })
	f.grow(2)
	f.on(SetDesired{1})
	f.expect(DrainWorker{1})
	f.on(Drain{})
	f.expect(DrainWorker{2})
	f.on(Resize{1}) // fewer than are draining
	f.on(Resume{})
	f.expect(UndrainWorker{1})
	f.pass(time.Minute - 1)
	f.expectNothing()
	f.pass(1)
	f.expect(terminate(2))
}

// An agent may have drained before it is told to stay.
func TestUndrainTooLate(t *testing.T) {
	f := newDrainingPool(t, func(o *Options) { o.Restore = true; o.Replace = false })
	f.grow(2)
	f.on(Drain{})
	f.expect(DrainWorker{1}, DrainWorker{2})
	f.on(Resume{})
	f.expect(UndrainWorker{1}, UndrainWorker{2})
	f.on(Drained{1})
	f.expect(terminate(1))
	f.expectNothing() // its slot is occupied until it has exited
	f.exit(1, exitedWith0)
	f.expect(reap(1), startIn(0, 3))
	f.check("as many", func(s Snapshot) bool { return s.Desired == 2 && s.Actual == 2 && s.Failed == 0 })
	f.on(Drained{9})
	f.expectNothing()
}

// Scaling down drains in the same way.
func TestScaleDownDrains(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(3)
	f.on(Busy{1})
	f.on(SetDesired{1})
	f.expect(DrainWorker{2}, DrainWorker{3}) // idle ones first; but they may just have received a task
	f.exitDrained(2)
	f.on(SetDesired{2})
	f.expect(UndrainWorker{3})
	f.stopWorkers(identityOf(1), identityOf(3))
	f.expect(DrainWorker{1}, DrainWorker{3})
	f.expectNoAnswer() // 3 is idle, so StopWorkers waits for it
	f.on(Busy{3})
	f.expectAnswer("stop", "", nil) // but it does not wait for tasks
	f.stopWorkers(identityOf(3))
	f.expectAnswer("stop", "", nil)
	f.exitDrained(3)
	f.exitDrained(1)
	f.expectNothing()
}

func TestStopWorkersDoesNotWaitForUndrainedWorker(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(1)
	f.stopWorkers(identityOf(1))
	f.expect(DrainWorker{1})
	f.on(StopWorkers{Request: "again", Identities: []string{identityOf(1)}})
	f.expectAnswer("again", "", nil)
	f.startOne()
	f.expect(UndrainWorker{1})
	if len(f.answers) != 2 {
		t.Errorf("the answers are %v", f.answers)
	}
}

func TestResize(t *testing.T) {
	f := newDrainingPool(t, func(o *Options) { o.Maximum, o.Cooldown = 3, time.Minute })
	f.grow(3)
	f.on(Resize{2})
	f.expect(DrainWorker{1}) // a resize needs no cooldown
	f.check("smaller", func(s Snapshot) bool { return s.Desired == 2 && s.Actual == 2 })
	f.exitDrained(1)
	f.on(SetDesired{9})
	f.expectNothing()
	f.on(Resize{4})
	f.expectNothing() // it is up to the scheduler to ask for more
	f.on(SetDesired{9})
	f.expect(startIn(0, 4), startIn(3, 5))
	f.on(Resize{Unlimited})
	f.on(SetDesired{6})
	f.expect(startIn(4, 6), startIn(5, 7))
	f.on(Stop{})
	f.effects = nil
	f.on(Resize{1})
	f.on(Drain{})
	f.on(Resume{})
	f.expectNothing()
}
