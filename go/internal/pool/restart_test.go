package pool

import (
	"testing"
	"time"
)

// replaceDrained has a drained worker exit and its replacement start in the same slot.
func (f *fixture) replaceDrained(number, slot, next int) {
	f.t.Helper()
	f.exitDrained(number)
	f.expect(startIn(slot, next))
	f.started(next)
}

func TestRestart(t *testing.T) {
	f := newDrainingPool(t, func(o *Options) { o.Maximum = 2 })
	f.grow(2)
	f.on(Restart{1})
	f.expect(DrainWorker{1})
	f.on(Restart{1})
	f.on(Restart{9})
	f.on(SetDesired{2})
	f.expectNothing() // it is neither kept, nor replaced before it has exited
	f.replaceDrained(1, 0, 3)
	f.check("as many", func(s Snapshot) bool { return s.Actual == 2 && s.Failed == 0 && s.Desired == 2 })
}

func TestRestartOfSurplusWorker(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(2)
	f.on(Restart{1})
	f.expect(DrainWorker{1})
	f.on(SetDesired{1})
	f.expectNothing()
	f.exitDrained(1)
	f.expectNothing()
}

func TestRestartWithoutDrain(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.on(Restart{1})
	f.expect(terminate(1))
	f.exit(1, exitedWith0)
	f.expect(reap(1), startIn(0, 2))
}

func TestRestartAll(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(3)
	f.on(SetDesired{4})
	f.expect(start(4)) // too new to be restarted
	f.on(RestartAll{})
	f.expect(DrainWorker{1})
	f.exit(2, exitedWith1) // dies and is replaced meanwhile
	f.expect(reap(2), startIn(1, 5))
	f.started(5)
	f.on(Registered{5})
	f.exitDrained(1)
	f.expect(startIn(0, 6))
	f.started(6)
	f.pass(registerTimeout - 1)
	f.expectNothing()
	f.on(Registered{6})
	f.expect(DrainWorker{3})
	f.replaceDrained(3, 2, 7)
	f.on(Registered{7})
	f.expectNothing()
	f.pass(never)
	f.expectNothing()
	if f.loggedCount("all workers have been restarted") != 1 {
		t.Error("not logged")
	}
}

// If a replacement does not register, the other workers are left alone.
func TestRestartAllGivesUp(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(3)
	f.on(RestartAll{})
	f.expect(DrainWorker{1})
	f.replaceDrained(1, 0, 4)
	f.pass(registerTimeout)
	f.on(Registered{4})
	f.pass(never)
	f.expectNothing()
	if f.loggedCount("rolling restart abandoned: the last worker was not replaced, %d workers are not restarted") != 1 {
		t.Error("not logged")
	}
	f.on(RestartAll{})
	f.expect(DrainWorker{2})
	f.on(Stop{})
	f.expect(terminate(2), terminate(3), terminate(4))
}

func TestRestartAllNeedsNoMoreThanAreDesired(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(3)
	f.on(RestartAll{})
	f.expect(DrainWorker{1})
	f.on(SetDesired{1})
	f.expect(DrainWorker{2})
	f.exitDrained(1)
	f.expect(DrainWorker{3}) // one is desired and one is registered
	f.on(Drain{time.Minute})
	f.expectNothing()
	f.exitDrained(2)
	f.exitDrained(3)
	f.on(Resume{})
	f.expect(startIn(0, 4))
}
