package pool

import (
	"testing"
	"time"
)

// again is the end of a worker that was told to drain, and the start of another one in its slot.
func (f *fixture) again(number, slot, next int) {
	f.t.Helper()
	f.leave(number)
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
	f.expectNothing() // it is neither kept nor replaced before it has ended
	f.again(1, 0, 3)
	f.check("as many", func(s Snapshot) bool { return s.Actual == 2 && s.Failed == 0 && s.Desired == 2 })
}

func TestRestartOfOneThatIsNotWantedAnyMore(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(2)
	f.on(Restart{1})
	f.expect(DrainWorker{1})
	f.on(SetDesired{1})
	f.expectNothing()
	f.leave(1)
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
	f.expect(start(4)) // which is new
	f.on(RestartAll{})
	f.expect(DrainWorker{1})
	f.exit(2, exitedWith1) // it dies, and is replaced
	f.expect(reap(2), startIn(1, 5))
	f.started(5)
	f.on(Registered{5})
	f.leave(1)
	f.expect(startIn(0, 6))
	f.started(6)
	f.pass(joinTime - 1)
	f.expectNothing()
	f.on(Registered{6})
	f.expect(DrainWorker{3})
	f.again(3, 2, 7)
	f.on(Registered{7})
	f.expectNothing()
	f.pass(never)
	f.expectNothing()
	if f.said("all workers have been restarted") != 1 {
		t.Error("it was not said")
	}
}

// A worker that does not come to be says that the others had better stay.
func TestRestartAllGivesUp(t *testing.T) {
	f := newDrainingPool(t, nil)
	f.grow(3)
	f.on(RestartAll{})
	f.expect(DrainWorker{1})
	f.again(1, 0, 4)
	f.pass(joinTime)
	f.on(Registered{4})
	f.pass(never)
	f.expectNothing()
	if f.said("%d workers are not restarted: the place of the last one has not been filled") != 1 {
		t.Error("it was not said")
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
	f.leave(1)
	f.expect(DrainWorker{3}) // one is desired, and one is there
	f.on(Drain{time.Minute})
	f.expectNothing()
	f.leave(2)
	f.leave(3)
	f.on(Resume{})
	f.expect(startIn(0, 4))
}
