package pool

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

func interrupt(number int) signalled { return signalled{pidOf(number), syscall.SIGINT, false} }

func smash(number int) signalled { return signalled{pidOf(number), syscall.SIGKILL, true} }

func TestSetDesiredUpAndDown(t *testing.T) {
	f := newPool(t, nil)
	f.grow(3)
	f.SetDesired(3)
	f.expectNothing()
	f.SetDesired(1)
	f.expectSignals(interrupt(1), interrupt(2)) // the oldest go first
	f.expectNothing()
	f.await("stopping", func(s Snapshot) bool { return s.Actual == 1 && s.Stopping == 2 })
	f.exit(pidOf(1), exitedWith0)
	f.buried(1)
	f.SetDesired(2)
	f.expect(protocol.Start{Worker: 4})
	f.expectNothing()
}

func TestMaximum(t *testing.T) {
	tests := []struct {
		name                   string
		maximum, desired, want int
	}{
		{"below", 3, 2, 2},
		{"as many", 3, 3, 3},
		{"above", 3, 100, 3},
		{"none", 0, 5, 0},
		{"no limit", Unlimited, 100, 100},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := newPool(t, func(o *Options) { o.Maximum = test.maximum })
			f.SetDesired(test.desired)
			for number := 1; number <= test.want; number++ {
				f.expect(protocol.Start{Worker: number})
			}
			f.expectNothing()
		})
	}
}

func TestThoseThatTheSchedulerDoesNotKnowGoFirst(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.SetDesired(4)
	f.expect(protocol.Start{Worker: 3})
	f.expect(protocol.Start{Worker: 4})
	f.started(3)
	f.SetDesired(2)
	f.expectSignals(interrupt(3)) // 4 has no pid to signal yet
	f.expectNothing()
	f.started(4)
	f.expectSignals(interrupt(4))
	f.SetDesired(1)
	f.expectSignals(interrupt(1))
}

func TestIdleOnesGoBeforeBusyOnes(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(3)
	f.Handle(protocol.Busy{Worker: 1})
	f.SetDesired(1)
	f.expectSignals(interrupt(2), interrupt(3))
	f.SetDesired(0)
	f.expectNothing()
	f.await("draining", func(s Snapshot) bool { return s.Draining == 1 })
	f.Handle(protocol.Idle{Worker: 1})
	f.expectSignals(interrupt(1))
}

func TestDrainingIsUndone(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(2)
	f.Handle(protocol.Busy{Worker: 1})
	f.Handle(protocol.Busy{Worker: 2})
	f.SetDesired(0)
	f.SetDesired(1)
	f.expectNothing()
	f.Handle(protocol.Idle{Worker: 1})
	f.Handle(protocol.Idle{Worker: 2})
	f.expectSignals(interrupt(2)) // 1 was taken back
	f.expectNothing()
}

func TestDrainingIsBounded(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = time.Millisecond })
	f.grow(1)
	f.Handle(protocol.Busy{Worker: 1})
	f.SetDesired(0)
	f.expectSignals(interrupt(1))
}

func TestWithoutDrainingBusyOnesAreStopped(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.Handle(protocol.Busy{Worker: 1})
	f.SetDesired(0)
	f.expectSignals(interrupt(1))
}

func TestWorkerWithoutPidIsTakenBack(t *testing.T) {
	f := newPool(t, nil)
	f.SetDesired(1)
	f.expect(protocol.Start{Worker: 1})
	f.SetDesired(0)
	f.SetDesired(1)
	f.started(1)
	f.expectNothing()
	f.await("the worker", func(s Snapshot) bool { return s.Actual == 1 })
}

func TestCooldownIsHonoured(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Cooldown = 20 * time.Millisecond })
	f.grow(3)
	begun := time.Now()
	f.SetDesired(2)
	f.SetDesired(1) // goes with the first
	f.expectSignals(interrupt(1), interrupt(2))
	if took := time.Since(begun); took < 20*time.Millisecond {
		t.Errorf("stopped after %s", took)
	}
	f.inside(func() {
		if f.cooldown != nil {
			t.Error("the cooldown goes on")
		}
	})
	f.SetDesired(0)
	f.expectSignals(interrupt(3))
}

func TestCooldownIsCancelledByAnIncrease(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Cooldown = never })
	f.grow(3)
	running := func() (running bool) {
		f.inside(func() { running = f.cooldown != nil })
		return running
	}
	f.SetDesired(1)
	if !running() {
		t.Fatal("no cooldown")
	}
	f.SetDesired(2) // still fewer than there are
	if !running() {
		t.Error("the cooldown was cancelled")
	}
	f.SetDesired(3)
	if running() {
		t.Error("the cooldown was not cancelled")
	}
	f.SetDesired(1)
	f.SetDesired(4)
	f.expect(protocol.Start{Worker: 4})
	if running() {
		t.Error("the cooldown was not cancelled")
	}
	f.expectNothing()
}

func TestCooldownDoesNotHoldUpTheEnd(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Cooldown = never })
	f.grow(1)
	f.SetDesired(0)
	f.Stop()
	f.expectSignals(interrupt(1))
	f.exit(pidOf(1), exitedWith0)
	f.awaitDone()
}

// answer is what StartOne or StopThese told.
type answer struct {
	identity string
	err      error
}

func (f *fixture) startOne() chan answer {
	answers := make(chan answer, 2)
	f.StartOne(func(identity string, err error) { answers <- answer{identity, err} })
	return answers
}

func (f *fixture) stopThese(identities ...string) chan error {
	answers := make(chan error, 2)
	f.StopThese(identities, func(err error) { answers <- err })
	return answers
}

func TestStartOne(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Maximum = 2 })
	for number := 1; number <= 2; number++ {
		answers := f.startOne()
		f.expect(protocol.Start{Worker: number})
		f.started(number)
		if got := take(t, answers, "answer"); got != (answer{identityOf(number), nil}) {
			t.Errorf("got %v", got)
		}
	}
	if got := take(t, f.startOne(), "answer"); !errors.Is(got.err, ErrTooMany) || got.identity != "" {
		t.Errorf("got %v, want ErrTooMany", got)
	}
	f.expectNothing()
}

func TestStartOneRefused(t *testing.T) {
	f := newPool(t, nil)
	answers := f.startOne()
	f.expect(protocol.Start{Worker: 1})
	f.Handle(protocol.Refused{Worker: 1, Error: "no memory"})
	if got := take(t, answers, "answer"); got.err == nil || got.err.Error() != "no memory" {
		t.Errorf("got %v", got)
	}
	// Whoever asked knows, so that there is nothing to try again.
	f.expectNothing()
	f.await("a pool without wishes", func(s Snapshot) bool { return s.Desired == 0 && s.Failed == 1 })
}

func TestStartOneTakesBackWhatDrains(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(1)
	f.Handle(protocol.Busy{Worker: 1})
	if err := take(t, f.stopThese(identityOf(1)), "answer"); err != nil {
		t.Error(err)
	}
	if got := take(t, f.startOne(), "answer"); got != (answer{identityOf(1), nil}) {
		t.Errorf("got %v", got)
	}
	f.Handle(protocol.Idle{Worker: 1})
	f.expectNothing()
}

func TestStartOneWhileStopping(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.Stop()
	if got := take(t, f.startOne(), "answer"); !errors.Is(got.err, ErrStopping) {
		t.Errorf("got %v, want ErrStopping", got)
	}
}

func TestStopThese(t *testing.T) {
	f := newPool(t, nil)
	f.grow(3)
	answers := f.stopThese(identityOf(1), identityOf(3), identityOf(1))
	f.expectSignals(interrupt(1), interrupt(3))
	f.exit(pidOf(1), exitedWith0)
	f.buried(1)
	f.expectNothing()
	select {
	case err := <-answers:
		t.Fatalf("answered with %v before both are gone", err)
	default:
	}
	f.exit(pidOf(3), killed)
	if err := take(t, answers, "answer"); err != nil {
		t.Error(err)
	}
	f.buried(3)
	f.expectNothing() // nobody is replaced
	f.await("one worker", func(s Snapshot) bool { return s.Desired == 1 && s.Actual == 1 })
}

func TestStopTheseFindsAllOrStopsNone(t *testing.T) {
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
		t.Run(test.name, func(t *testing.T) {
			if err := take(t, f.stopThese(test.identities...), "answer"); !errors.Is(err, ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			f.expectNothing()
		})
	}
	f.SetDesired(0)
	f.expectSignals(interrupt(1))
	if err := take(t, f.stopThese(identityOf(1)), "answer"); !errors.Is(err, ErrNotFound) {
		t.Errorf("one that stops already: %v, want ErrNotFound", err)
	}
}

func TestStopTheseDoesNotWaitForTasks(t *testing.T) {
	f := newPool(t, func(o *Options) { o.DrainTimeout = never })
	f.grow(2)
	f.Handle(protocol.Busy{Worker: 1})
	answers := f.stopThese(identityOf(1), identityOf(2))
	f.expectSignals(interrupt(2))
	f.exit(pidOf(2), exitedWith0)
	if err := take(t, answers, "answer"); err != nil {
		t.Error(err)
	}
	f.await("draining", func(s Snapshot) bool { return s.Draining == 1 && s.Desired == 0 })
}

func TestSlotsAreReused(t *testing.T) {
	f := newPool(t, func(o *Options) {
		o.Settings = func(slot int) protocol.Settings { return protocol.Settings{CPUs: []int{slot}} }
	})
	start := func(number, slot int) {
		t.Helper()
		f.expect(protocol.Start{Worker: number, Settings: protocol.Settings{CPUs: []int{slot}}})
	}
	f.SetDesired(3)
	for number := 1; number <= 3; number++ {
		start(number, number-1)
		f.started(number)
		f.Handle(protocol.Registered{Worker: number})
	}
	f.age()
	f.exit(pidOf(2), killed)
	f.buried(2)
	start(4, 1)
	f.SetDesired(4)
	start(5, 3)
}
