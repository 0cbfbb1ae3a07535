package pool

import (
	"reflect"
	"testing"
)

func TestWorkers(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SetDesired{3})
	f.expect(start(3))
	want := []Worker{{1, 0, pidOf(1), identityOf(1)}, {2, 1, pidOf(2), identityOf(2)}}
	if got := f.Workers(); !reflect.DeepEqual(got, want) {
		t.Errorf("workers are %v, want %v", got, want)
	}
}

func TestStable(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{1})
	f.expect(start(1))
	f.check("a start", func(s Snapshot) bool { return s.Actual == 1 && !s.Stable() })
	f.started(1)
	f.check("a process", func(s Snapshot) bool { return s.Actual == 1 && !s.Stable() })
	f.on(Registered{1})
	f.check("registration", func(s Snapshot) bool { return s.Registered == 1 && s.Stable() })
	f.on(Busy{1})
	f.check("tasks", func(s Snapshot) bool { return s.Busy == 1 && s.Stable() })
}

func TestNoStartsWithoutHost(t *testing.T) {
	f := &fixture{Pool: New(Options{Maximum: Unlimited}), t: t}
	f.on(SetDesired{1})
	f.startOne()
	f.expectAnswer("start", "", ErrHostDown)
	f.expectNothing()
	f.on(HostReady{})
	f.expect(start(1))
}
