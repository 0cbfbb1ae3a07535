package spares

import (
	"reflect"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

var begun = time.Unix(1e9, 0)

// later is a time after the n-th quiet period.
func later(times int) time.Time { return begun.Add(time.Duration(times) * quietTime) }

func decide(t *testing.T, k *Keeper, now time.Time, want ...Effect) {
	t.Helper()
	if got := k.Decide(now, false); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("decided %+v, want %+v", got, want)
	}
}

func (k *Keeper) ready(now time.Time, worker, pid, parent int) {
	k.Handle(now, protocol.Spare{Worker: worker, Pid: pid, Parent: parent, State: protocol.SpareReady})
}

// one is a keeper of one that the worker 1 has, with the pid 11.
func one(t *testing.T) *Keeper {
	t.Helper()
	k := New(1)
	k.WorkerStarted(begun, 1, 10)
	k.ProcessorNeeded(begun, 1)
	decide(t, k, later(1), Make{Worker: 1})
	k.ready(later(1), 1, 11, 10)
	return k
}

func TestNoneAreMadeWhileWorkersAreNeeded(t *testing.T) {
	k := New(1)
	k.WorkerStarted(begun, 1, 10)
	decide(t, k, begun)
	k.ProcessorNeeded(begun.Add(quietTime/2), 1)
	decide(t, k, later(1))
	if got, want := k.Deadline(later(1)), begun.Add(quietTime/2+quietTime); !got.Equal(want) {
		t.Errorf("to be asked again at %s, want %s", got, want)
	}
	decide(t, k, later(2), Make{Worker: 1})
	decide(t, k, later(3)) // one is being made
	k.ready(later(3), 1, 11, 10)
	decide(t, k, later(9))
}

func TestTakenOneIsReplaced(t *testing.T) {
	k := one(t)
	if got, want := k.Ready(), []Spare{{1, 11, 10}}; !reflect.DeepEqual(got, want) {
		t.Fatalf("ready are %+v, want %+v", got, want)
	}
	k.ProcessorNeeded(later(2), 1)
	k.ProcessorStarted(later(2), 11)
	if len(k.Ready()) > 0 {
		t.Errorf("ready are %+v", k.Ready())
	}
	decide(t, k, later(2))
	decide(t, k, later(3), Make{Worker: 1})
}

// The worker that last needed a processor gets it, but only after a quiet period.
func TestSpareGoesToTheWorkerThatNeedsIt(t *testing.T) {
	k := one(t)
	k.WorkerStarted(later(2), 2, 20)
	decide(t, k, later(4))
	k.ProcessorNeeded(later(5), 2)
	k.ProcessorStarted(later(5), 21)
	decide(t, k, later(5))
	decide(t, k, later(6), Drop{1}, Make{Worker: 2})
}

func TestManyAreMadeOneAfterTheOther(t *testing.T) {
	k := New(3)
	for worker := 1; worker <= 2; worker++ {
		k.WorkerStarted(begun, worker, 10*worker)
		k.ProcessorNeeded(begun, worker)
	}
	k.Expect(begun, []protocol.Settings{{Nice: 2}, {Nice: 3}, {Nice: 4}})
	decide(t, k, later(1), Make{Worker: 2})
	k.ready(later(1), 2, 21, 20)
	decide(t, k, later(1), Make{Worker: 1})
	k.ready(later(1), 1, 11, 10)
	decide(t, k, later(1), Make{Settings: protocol.Settings{Nice: 2}})
	k.ready(later(1), 0, 31, 30)
	decide(t, k, later(9))
}

func TestSparesForNewWorkers(t *testing.T) {
	k := New(2)
	next := []protocol.Settings{{Nice: 1}, {Nice: 2}, {Nice: 3}}
	k.Expect(begun, next)
	decide(t, k, later(1), Make{Settings: next[0]})
	k.Handle(later(1), protocol.Spare{Parent: 10, State: protocol.SpareMade})
	k.ready(later(1), 0, 11, 10)
	decide(t, k, later(1), Make{Settings: next[1]})
	k.Handle(later(1), protocol.Spare{Parent: 20, State: protocol.SpareMade})
	k.ready(later(1), 0, 21, 20)
	decide(t, k, later(9))

	// One starts: the expected settings change before the host reports it.
	k.Expect(later(10), next[1:])
	decide(t, k, later(10))
	k.WorkerStarted(later(10), 1, 10)
	k.ProcessorNeeded(later(10), 1)
	k.ProcessorStarted(later(10), 11)
	decide(t, k, later(11), Make{Worker: 1})
	k.ready(later(11), 1, 12, 10)
	decide(t, k, later(12))
	if got, want := k.Ready(), []Spare{{0, 21, 20}, {1, 12, 10}}; !reflect.DeepEqual(got, want) {
		t.Errorf("ready are %+v, want %+v", got, want)
	}

	// No more workers are expected.
	k.Expect(later(20), nil)
	decide(t, k, later(21), Drop{0})
}

func TestLeavingWorker(t *testing.T) {
	k := one(t)
	k.WorkerGone(1)
	k.Handle(later(2), protocol.Spare{Worker: 1, Parent: 10, State: protocol.SpareGone}) // as the host reports it
	decide(t, k, later(9))
	if len(k.Ready()) > 0 {
		t.Errorf("ready are %+v", k.Ready())
	}
}

func TestLostHost(t *testing.T) {
	k := one(t)
	k.Expect(later(2), []protocol.Settings{{}})
	k.HostLost()
	if len(k.Ready()) > 0 {
		t.Errorf("ready are %+v", k.Ready())
	}
	decide(t, k, later(9))
	k.HostReady(later(9))
	decide(t, k, later(10), Make{})
}

// Spare processors that die unused are made with a backoff, which ends when one is used or lives for long.
func TestDeathsBackOff(t *testing.T) {
	k := one(t)
	gone := protocol.Spare{Worker: 1, Parent: 10, State: protocol.SpareGone}
	now := later(2)
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		k.Handle(now, gone)
		decide(t, k, now.Add(wait-1))
		now = now.Add(wait)
		decide(t, k, now, Make{Worker: 1})
		k.ready(now, 1, 12, 10)
	}
	now = now.Add(time.Hour)
	k.Handle(now, gone)
	decide(t, k, now.Add(time.Second), Make{Worker: 1})
	k.ready(now, 1, 13, 10)
	k.ProcessorStarted(now, 13)
	k.Handle(now, gone) // unknown
	decide(t, k, now.Add(quietTime), Make{Worker: 1})
}

func TestFailureBacksOff(t *testing.T) {
	k := New(1)
	k.Expect(begun, []protocol.Settings{{}})
	decide(t, k, later(1), Make{})
	k.Handle(later(1), protocol.Spare{State: protocol.SpareGone})
	decide(t, k, later(1))
	decide(t, k, later(1).Add(time.Second), Make{})
}

// The exit of a dropped spare processor is not attributed to its successor.
func TestExitOfDroppedOne(t *testing.T) {
	k := New(1)
	k.Expect(begun, []protocol.Settings{{}})
	decide(t, k, later(1), Make{})
	k.Handle(later(1), protocol.Spare{Parent: 10, State: protocol.SpareMade})
	k.Expect(later(2), []protocol.Settings{{Nice: 1}})
	decide(t, k, later(3), Drop{0}, Make{Settings: protocol.Settings{Nice: 1}})
	k.Handle(later(3), protocol.Spare{Parent: 10, State: protocol.SpareGone})
	k.Handle(later(3), protocol.Spare{Parent: 20, State: protocol.SpareMade})
	k.ready(later(3), 0, 21, 20)
	decide(t, k, later(9))
	if got, want := k.Ready(), []Spare{{0, 21, 20}}; !reflect.DeepEqual(got, want) {
		t.Errorf("ready are %+v, want %+v", got, want)
	}
}

func TestHungOneIsDropped(t *testing.T) {
	k := New(1)
	k.WorkerStarted(begun, 1, 10)
	decide(t, k, later(1), Make{Worker: 1})
	hung := later(1).Add(makeTimeout)
	if got := k.Deadline(later(2)); !got.Equal(hung) {
		t.Errorf("to be asked again at %s, want %s", got, hung)
	}
	decide(t, k, hung, Drop{1})
	decide(t, k, hung.Add(time.Second), Make{Worker: 1})
}

func TestMemory(t *testing.T) {
	k := one(t)
	k.ProcessorNeeded(later(2), 1) // it is dropped even if a processor is needed
	k.MemoryTight(later(2), 1)
	decide(t, k, later(2), Drop{1})
	decide(t, k, later(2).Add(tightTime-1))
	decide(t, k, later(2).Add(tightTime), Make{Worker: 1})
	k.ready(later(9), 1, 11, 10)
	now := later(9).Add(tightTime)
	if got := k.Decide(now, true); !reflect.DeepEqual(got, []Effect{Drop{1}}) {
		t.Errorf("with no memory left: %+v", got)
	}
	if got := k.Decide(now, true); len(got) > 0 {
		t.Errorf("with no memory left: %+v", got)
	}
	decide(t, k, now, Make{Worker: 1})
}

func TestNone(t *testing.T) {
	k := New(0)
	k.WorkerStarted(begun, 1, 10)
	k.ProcessorNeeded(begun, 1)
	k.Expect(begun, []protocol.Settings{{}})
	decide(t, k, later(9))
}
