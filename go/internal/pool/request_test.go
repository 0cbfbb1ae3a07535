package pool

import (
	"errors"
	"testing"
)

func TestStartOne(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Maximum = 2 })
	for number := 1; number <= 2; number++ {
		f.startOne()
		f.expect(start(number))
		f.expectNoAnswer()
		f.started(number)
		f.expectAnswer("start", identityOf(number), nil)
	}
	f.startOne()
	f.expectAnswer("start", "", ErrTooMany)
	f.expectNothing()
}

func TestStartOneRefused(t *testing.T) {
	f := newPool(t, nil)
	f.startOne()
	f.expect(start(1))
	noMemory := errors.New("no memory")
	f.on(Refused{1, noMemory})
	f.expectAnswer("start", "", noMemory)
	// The scheduler has its answer: the pool does not retry.
	f.pass(never)
	f.expectNothing()
	f.check("none desired", func(s Snapshot) bool { return s.Desired == 0 && s.Failed == 1 })
}

func TestStartOneUndrains(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(1)
	f.on(Busy{1})
	f.stopWorkers(identityOf(1))
	f.expectAnswer("stop", "", nil)
	f.startOne()
	f.expectAnswer("start", identityOf(1), nil)
	f.on(Idle{1})
	f.expectNothing()
}

func TestStartOneWhileStopping(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.on(Stop{})
	f.startOne()
	f.expectAnswer("start", "", ErrStopping)
}

func TestStopWorkers(t *testing.T) {
	f := newPool(t, nil)
	f.grow(3)
	f.stopWorkers(identityOf(1), identityOf(3), identityOf(1))
	f.expect(terminate(1), terminate(3))
	f.exit(1, exitedWith0)
	f.expect(reap(1))
	f.expectNothing()
	f.expectNoAnswer()
	f.exit(3, killed)
	f.expectAnswer("stop", "", nil)
	f.expect(reap(3))
	f.expectNothing() // not replaced
	f.check("one worker", func(s Snapshot) bool { return s.Desired == 1 && s.Actual == 1 })
}

func TestStopWorkersFindsAllOrStopsNone(t *testing.T) {
	tests := []struct {
		name       string
		identities []string
	}{
		{"none named", nil},
		{"unknown", []string{"NAT|9"}},
		{"one of them unknown", []string{identityOf(1), "NAT|9"}},
		{"empty", []string{""}},
	}
	f := newPool(t, nil)
	f.grow(1)
	for _, test := range tests {
		f.stopWorkers(test.identities...)
		f.expectAnswer("stop", "", ErrNotFound)
		f.expectNothing()
	}
	f.on(SetDesired{0})
	f.expect(terminate(1))
	f.stopWorkers(identityOf(1)) // is stopping already
	f.expectAnswer("stop", "", ErrNotFound)
}

func TestStopWorkersDoesNotWaitForTasks(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(2)
	f.on(Busy{1})
	f.stopWorkers(identityOf(1), identityOf(2))
	f.expect(terminate(2))
	f.exit(2, exitedWith0)
	f.expectAnswer("stop", "", nil)
	f.check("draining", func(s Snapshot) bool { return s.Draining == 1 && s.Desired == 0 })
}

// The capacity of the machine limits what a scheduler gets. One warning per series of excessive requests.
func TestCapacity(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Capacity = 3; o.Bottleneck = "memory" })
	warnings := func() (count int) {
		for _, l := range f.logs {
			if len(l.Arguments) == 3 && l.Arguments[2] == "memory" {
				count++
			}
		}
		return count
	}
	f.on(SetDesired{4_000_000_000})
	f.on(SetDesired{4_000_000_000})
	f.on(SetDesired{4})
	f.expect(start(1), start(2), start(3))
	f.expectNothing()
	f.check("three workers", func(s Snapshot) bool { return s.Desired == 3 && s.Actual == 3 })
	if warnings() != 1 {
		t.Errorf("%d warnings, want 1", warnings())
	}
	f.startOne()
	f.expectAnswer("start", "", ErrTooMany)
	if warnings() != 1 {
		t.Errorf("%d warnings, want 1", warnings())
	}
	f.on(SetDesired{3})
	f.on(SetDesired{5})
	if warnings() != 2 {
		t.Errorf("%d warnings, want 2", warnings())
	}
	f.expectNothing()
}

func TestStartsInFlightAreBounded(t *testing.T) {
	f := newPool(t, func(o *Options) { o.MaxStarting = 64 })
	f.on(SetDesired{1000})
	for number := 1; number <= 64; number++ {
		f.expect(start(number))
	}
	f.expectNothing()
	f.on(SetDesired{1001})
	f.expectNothing()
	f.startOne()
	f.expectAnswer("start", "", ErrTooSoon)
	for number := 1; number <= 100; number++ {
		f.started(number)
		f.expect(start(64 + number))
		f.expectNothing()
	}
	f.on(Refused{101, errors.New("no memory")})
	f.expect(startIn(100, 165)) // reuses the slot of the refused one
	f.expectNothing()
	f.on(Stop{})
	for number := 1; number <= 100; number++ {
		f.expect(terminate(number))
	}
	f.expectNothing()
	for number := 102; number <= 165; number++ {
		f.started(number)
		f.expect(terminate(number))
	}
	f.expectNothing()
	for number := 1; number <= 165; number++ {
		f.exit(number, exitedWith0) // 101 was refused and is ignored
	}
	f.checkFinished(true)
}

// A refused StartOne makes room for a missing worker.
func TestRefusedStartOneMakesRoom(t *testing.T) {
	f := newPool(t, func(o *Options) { o.MaxStarting = 1 })
	f.startOne()
	f.expect(start(1))
	f.on(SetDesired{3})
	f.expectNothing()
	f.on(Refused{1, errors.New("no memory")})
	f.expect(startIn(0, 2))
	f.expectNothing()
}
