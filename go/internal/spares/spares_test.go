package spares

import (
	"reflect"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

var begun = time.Unix(1e9, 0)

// later is a moment at which nobody has needed anything for long enough.
func later(times int) time.Time { return begun.Add(time.Duration(times) * quietTime) }

func decide(t *testing.T, k *Keeper, now time.Time, want ...Effect) {
	t.Helper()
	if got := k.Decide(now, false); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Fatalf("decided %+v, want %+v", got, want)
	}
}

func (k *Keeper) ready(now time.Time, worker, pid, parent int) {
	k.Said(now, protocol.Spare{Worker: worker, Pid: pid, Parent: parent, State: protocol.SpareReady})
}

// one is a keeper of one that the worker 1 has, with the pid 11.
func one(t *testing.T) *Keeper {
	t.Helper()
	k := New(1)
	k.Came(begun, 1, 10)
	k.Needed(begun, 1)
	decide(t, k, later(1), Make{Worker: 1})
	k.ready(later(1), 1, 11, 10)
	return k
}

func TestNoneAreMadeWhileSomebodyWaits(t *testing.T) {
	k := New(1)
	k.Came(begun, 1, 10)
	decide(t, k, begun)
	k.Needed(begun.Add(quietTime/2), 1)
	decide(t, k, later(1))
	if got, want := k.Deadline(later(1)), begun.Add(quietTime/2+quietTime); !got.Equal(want) {
		t.Errorf("to be asked again at %s, want %s", got, want)
	}
	decide(t, k, later(2), Make{Worker: 1})
	decide(t, k, later(3)) // it is on its way
	k.ready(later(3), 1, 11, 10)
	decide(t, k, later(9))
}

func TestOneThatIsTakenIsReplaced(t *testing.T) {
	k := one(t)
	if got, want := k.Ready(), []Spare{{1, 11, 10}}; !reflect.DeepEqual(got, want) {
		t.Fatalf("ready are %+v, want %+v", got, want)
	}
	k.Needed(later(2), 1)
	k.Taken(later(2), 11)
	if len(k.Ready()) > 0 {
		t.Errorf("ready are %+v", k.Ready())
	}
	decide(t, k, later(2))
	decide(t, k, later(3), Make{Worker: 1})
}

// The worker that has needed a processor last has it, and not before there is time for that.
func TestItMovesToWhereItIsNeeded(t *testing.T) {
	k := one(t)
	k.Came(later(2), 2, 20)
	decide(t, k, later(4))
	k.Needed(later(5), 2)
	k.Taken(later(5), 21)
	decide(t, k, later(5))
	decide(t, k, later(6), Drop{1}, Make{Worker: 2})
}

func TestManyAreSpreadAndMadeOneAfterTheOther(t *testing.T) {
	k := New(3)
	for worker := 1; worker <= 2; worker++ {
		k.Came(begun, worker, 10*worker)
		k.Needed(begun, worker)
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

func TestWorkersThatAreYetToCome(t *testing.T) {
	k := New(2)
	next := []protocol.Settings{{Nice: 1}, {Nice: 2}, {Nice: 3}}
	k.Expect(begun, next)
	decide(t, k, later(1), Make{Settings: next[0]})
	k.Said(later(1), protocol.Spare{Parent: 10, State: protocol.SpareMade})
	k.ready(later(1), 0, 11, 10)
	decide(t, k, later(1), Make{Settings: next[1]})
	k.Said(later(1), protocol.Spare{Parent: 20, State: protocol.SpareMade})
	k.ready(later(1), 0, 21, 20)
	decide(t, k, later(9))

	// One comes: what is expected now has changed before the host has told of it.
	k.Expect(later(10), next[1:])
	decide(t, k, later(10))
	k.Came(later(10), 1, 10)
	k.Needed(later(10), 1)
	k.Taken(later(10), 11)
	decide(t, k, later(11), Make{Worker: 1})
	k.ready(later(11), 1, 12, 10)
	decide(t, k, later(12))
	if got, want := k.Ready(), []Spare{{0, 21, 20}, {1, 12, 10}}; !reflect.DeepEqual(got, want) {
		t.Errorf("ready are %+v, want %+v", got, want)
	}

	// No more may come.
	k.Expect(later(20), nil)
	decide(t, k, later(21), Drop{0})
}

func TestLeavingWorker(t *testing.T) {
	k := one(t)
	k.Leaves(1)
	k.Said(later(2), protocol.Spare{Worker: 1, Parent: 10, State: protocol.SpareGone}) // as it has to be
	decide(t, k, later(9))
	if len(k.Ready()) > 0 {
		t.Errorf("ready are %+v", k.Ready())
	}
}

func TestLostHost(t *testing.T) {
	k := one(t)
	k.Expect(later(2), []protocol.Settings{{}})
	k.Lost()
	if len(k.Ready()) > 0 {
		t.Errorf("ready are %+v", k.Ready())
	}
	decide(t, k, later(9))
	k.Back(later(9))
	decide(t, k, later(10), Make{})
}

// Those that die before they are needed are made more and more rarely, until one is needed or lives for long.
func TestOnesThatDie(t *testing.T) {
	k := one(t)
	gone := protocol.Spare{Worker: 1, Parent: 10, State: protocol.SpareGone}
	now := later(2)
	for _, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		k.Said(now, gone)
		decide(t, k, now.Add(wait-1))
		now = now.Add(wait)
		decide(t, k, now, Make{Worker: 1})
		k.ready(now, 1, 12, 10)
	}
	now = now.Add(time.Hour)
	k.Said(now, gone)
	decide(t, k, now.Add(time.Second), Make{Worker: 1})
	k.ready(now, 1, 13, 10)
	k.Taken(now, 13)
	k.Said(now, gone) // of none that is known
	decide(t, k, now.Add(quietTime), Make{Worker: 1})
}

func TestOneThatCannotBeMade(t *testing.T) {
	k := New(1)
	k.Expect(begun, []protocol.Settings{{}})
	decide(t, k, later(1), Make{})
	k.Said(later(1), protocol.Spare{State: protocol.SpareGone})
	decide(t, k, later(1))
	decide(t, k, later(1).Add(time.Second), Make{})
}

// The end of one that was dropped is not taken for that of its successor.
func TestEndOfADroppedOne(t *testing.T) {
	k := New(1)
	k.Expect(begun, []protocol.Settings{{}})
	decide(t, k, later(1), Make{})
	k.Said(later(1), protocol.Spare{Parent: 10, State: protocol.SpareMade})
	k.Expect(later(2), []protocol.Settings{{Nice: 1}})
	decide(t, k, later(3), Drop{0}, Make{Settings: protocol.Settings{Nice: 1}})
	k.Said(later(3), protocol.Spare{Parent: 10, State: protocol.SpareGone})
	k.Said(later(3), protocol.Spare{Parent: 20, State: protocol.SpareMade})
	k.ready(later(3), 0, 21, 20)
	decide(t, k, later(9))
	if got, want := k.Ready(), []Spare{{0, 21, 20}}; !reflect.DeepEqual(got, want) {
		t.Errorf("ready are %+v, want %+v", got, want)
	}
}

func TestOneThatHangs(t *testing.T) {
	k := New(1)
	k.Came(begun, 1, 10)
	decide(t, k, later(1), Make{Worker: 1})
	hung := later(1).Add(makeTime)
	if got := k.Deadline(later(2)); !got.Equal(hung) {
		t.Errorf("to be asked again at %s, want %s", got, hung)
	}
	decide(t, k, hung, Drop{1})
	decide(t, k, hung.Add(time.Second), Make{Worker: 1})
}

func TestMemory(t *testing.T) {
	k := one(t)
	k.Needed(later(2), 1) // it is dropped even while somebody waits
	k.Tight(later(2), 1)
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
	k.Came(begun, 1, 10)
	k.Needed(begun, 1)
	k.Expect(begun, []protocol.Settings{{}})
	decide(t, k, later(9))
}
