package pool

import (
	"reflect"
	"testing"
)

func TestDeathIsReplacedAtOnce(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	for number := 3; number <= 6; number++ {
		f.age()
		f.exit(number-1, exitedWith1)
		f.expect(reap(number-1), startIn(1, number))
		f.started(number)
		f.on(Registered{number})
	}
	f.expectNothing()
	f.check("the count of the dead", func(s Snapshot) bool { return s.Failed == 4 && s.Ended == 4 && s.Actual == 2 })
}

func TestCleanExitIsNotReplaced(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.exit(1, exitedWith0)
	f.expect(reap(1))
	f.expectNothing()
	f.check("one worker", func(s Snapshot) bool {
		return s.Desired == 1 && s.Actual == 1 && s.Failed == 0 && s.Ended == 1
	})
	f.on(SetDesired{2}) // the scheduler's to ask for
	f.expect(startIn(0, 3))
}

// Workers that could not disconnect themselves are disconnected.
func TestDisconnect(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SetDesired{3})
	f.expect(start(3))
	f.started(3)
	f.exit(1, exitedWith0) // disconnects itself
	f.exit(3, killed)      // the scheduler may know of it
	f.exit(2, killed)
	want := []Disconnect{{identityOf(3), []byte{3}, false}, {identityOf(2), []byte{2}, false}}
	if !reflect.DeepEqual(f.disconnects, want) {
		t.Errorf("told %v, want %v", f.disconnects, want)
	}
}

func TestLostHost(t *testing.T) {
	tests := []struct {
		name    string
		orphans []int
	}{
		{"all are orphans", []int{1, 2}},
		{"one was reaped by its host", []int{2}},
		{"all were", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newPool(t, nil)
			f.grow(2)
			f.startOne()
			f.expect(start(3))
			lost := HostLost{}
			for _, number := range test.orphans {
				lost.Orphans = append(lost.Orphans, pidOf(number))
			}
			f.on(lost)
			f.expectAnswer("start", "", ErrHostDown)
			for _, number := range test.orphans {
				f.expect(kill(number))
			}
			f.check("the end of the others", func(s Snapshot) bool { return s.Ended == 2-len(test.orphans) })
			for _, number := range test.orphans {
				f.orphanExit(number)
			}
			f.expectNothing() // they have been reaped by the host or the manager
			f.check("the end of the workers", func(s Snapshot) bool { return s.Ended == 2 && s.Actual == 0 && s.Failed == 0 })
			f.startOne()
			f.expectAnswer("start", "", ErrHostDown)
			f.on(SetDesired{2})
			f.expectNothing()
			f.on(HostReady{})
			f.expect(startIn(0, 4), startIn(1, 5))
			f.expectNothing()
			if len(f.disconnects) != 2 {
				t.Errorf("the scheduler was told %v", f.disconnects)
			}
		})
	}
}

// A worker that is slow to die with its host, for example in a long write, must not delay the workers of the next host.
func TestSlowOrphanOfALostHost(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(HostLost{Orphans: []int{pidOf(1), pidOf(2)}})
	f.expect(kill(1), kill(2))
	f.orphanExit(1)
	f.expectNothing()
	f.on(HostReady{})
	f.expect(startIn(0, 3))
	f.started(3)
	f.orphanExit(2)
	f.expect(startIn(1, 4))
	f.started(4)
	f.expectNothing()
	f.check("two workers", func(s Snapshot) bool { return s.Desired == 2 && s.Actual == 2 && s.Failed == 0 })
}

// The exits of a host and of its workers are noticed independently, in any order.
func TestOrphanExitBeforeHostLost(t *testing.T) {
	for _, replace := range []bool{true, false} {
		f := newPool(t, func(o *Options) { o.Replace, o.Restore = replace, !replace })
		f.grow(2)
		f.orphanExit(1)
		f.check("its end", func(s Snapshot) bool {
			return s.Ended == 1 && s.Actual == 1 && s.Desired == 2 && s.Failed == 0 && s.Unreplaced == 0
		})
		f.expectNothing() // it has been reaped, and there is no host to start a replacement
		f.startOne()
		f.expectAnswer("start", "", ErrHostDown)
		f.on(HostLost{Orphans: []int{pidOf(2)}})
		f.expect(kill(2))
		f.on(HostReady{})
		f.expect(startIn(0, 3))
		f.orphanExit(2)
		f.expect(startIn(1, 4))
		f.expectNothing()
	}
}

// Starts that were in flight when the host died do not count as failures.
func TestHostLostWithStartsInFlight(t *testing.T) {
	f := newPool(t, nil)
	f.on(SetDesired{2})
	f.expect(start(1), start(2))
	f.startOne()
	f.expect(start(3))
	f.on(HostLost{})
	f.expectAnswer("start", "", ErrHostDown)
	f.on(SetDesired{2})
	f.expectNothing()
	f.on(HostReady{})
	f.expect(startIn(0, 4), startIn(1, 5))
	f.expectNothing()
	f.check("no failure", func(s Snapshot) bool { return s.Actual == 2 && s.Failed == 0 && s.Ended == 0 })
}
