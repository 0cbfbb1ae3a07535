package pool

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

func TestDeathIsReplacedAtOnce(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	for number := 3; number <= 6; number++ {
		f.age()
		f.exit(pidOf(number-1), exitedWith1)
		f.buried(number - 1)
		f.expect(protocol.Start{Worker: number})
		f.started(number)
		f.Handle(protocol.Registered{Worker: number})
	}
	f.expectNothing()
	f.await("the count of the dead", func(s Snapshot) bool { return s.Failed == 4 && s.Ended == 4 && s.Actual == 2 })
}

func TestYoungDeathsBackOff(t *testing.T) {
	f := newPool(t, nil)
	f.SetDesired(1)
	f.expect(protocol.Start{Worker: 1})
	f.started(1)
	f.exit(pidOf(1), exitedWith1)
	f.buried(1)
	f.expect(protocol.Start{Worker: 2}) // the first one costs nothing
	f.started(2)
	f.exit(pidOf(2), exitedWith1)
	second := time.Now()
	f.buried(2)
	f.expectNothing()
	f.SetDesired(2) // which is no way around it
	f.expectNothing()
	f.expect(protocol.Start{Worker: 3})
	f.expect(protocol.Start{Worker: 4})
	if waited := time.Since(second); waited < 150*time.Millisecond {
		t.Errorf("the second one was replaced after %s", waited)
	}
	// A long life in between, and everything is as at first.
	f.started(3)
	f.Handle(protocol.Registered{Worker: 3})
	f.age()
	f.exit(pidOf(3), exitedWith1)
	f.buried(3)
	f.expect(protocol.Start{Worker: 5})
	f.inside(func() {
		if f.youngDeaths != 0 {
			t.Errorf("%d young deaths in a row", f.youngDeaths)
		}
	})
}

// A pool that fails as a whole is one event: all are replaced at once the first time, and wait together the second.
func TestDeathsOfOneGenerationCountOnce(t *testing.T) {
	f := newPool(t, nil)
	f.SetDesired(2)
	for number := 1; number <= 2; number++ {
		f.expect(protocol.Start{Worker: number})
		f.started(number)
	}
	for number := 1; number <= 2; number++ {
		f.exit(pidOf(number), killed)
		f.buried(number)
		f.expect(protocol.Start{Worker: number + 2})
	}
	f.started(3)
	f.started(4)
	f.exit(pidOf(3), killed)
	f.buried(3)
	f.exit(pidOf(4), killed)
	f.buried(4)
	f.expectNothing()
	f.inside(func() {
		if f.youngDeaths != 4 || f.youngRounds != 2 {
			t.Errorf("%d young deaths in %d rounds", f.youngDeaths, f.youngRounds)
		}
	})
	f.expect(protocol.Start{Worker: 5})
	f.expect(protocol.Start{Worker: 6})
	f.expectNothing()
}

func TestStartOneWaitsAfterYoungDeaths(t *testing.T) {
	f := newPool(t, nil)
	f.inside(func() { f.retryAt = time.Now().Add(time.Hour) })
	refused := make(chan error, 1)
	f.StartOne(func(_ string, err error) { refused <- err })
	if err := <-refused; !errors.Is(err, ErrTooSoon) {
		t.Errorf("answered %v", err)
	}
	f.expectNothing()
}

func TestRefusedStartsBackOff(t *testing.T) {
	f := newPool(t, nil)
	f.SetDesired(1)
	f.expect(protocol.Start{Worker: 1})
	f.Handle(protocol.Refused{Worker: 1, Error: "no memory"})
	f.expect(protocol.Start{Worker: 2})
	f.Handle(protocol.Refused{Worker: 2, Error: "no memory"})
	f.expectNothing()
	f.expect(protocol.Start{Worker: 3})
	f.started(3)
	f.await("a worker", func(s Snapshot) bool { return s.Actual == 1 && s.Failed == 2 })
}

func TestCleanExitIsNotReplaced(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.exit(pidOf(1), exitedWith0)
	f.buried(1)
	f.expectNothing()
	f.await("one worker", func(s Snapshot) bool { return s.Desired == 1 && s.Actual == 1 && s.Failed == 0 && s.Ended == 1 })
	f.SetDesired(2) // the scheduler's to ask for
	f.expect(protocol.Start{Worker: 3})
}

func TestFixedMode(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Replace, o.StopSignal = false, syscall.SIGTERM })
	f.grow(3)
	f.exit(pidOf(1), killed)
	f.buried(1)
	f.exit(pidOf(2), exitedWith0)
	f.buried(2)
	f.expectNothing()
	f.await("one worker", func(s Snapshot) bool { return s.Desired == 1 && s.Actual == 1 && s.Failed == 1 && s.Ended == 2 })
	f.SetDesired(0)
	f.expectSignals(signalled{pidOf(3), syscall.SIGTERM, false})
	f.exit(pidOf(3), int(syscall.SIGTERM))
	f.await("an empty pool", func(s Snapshot) bool { return s.Empty() && s.Failed == 1 && s.Ended == 3 })
}

func TestFixedModeRefused(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Replace = false })
	f.SetDesired(2)
	f.expect(protocol.Start{Worker: 1})
	f.expect(protocol.Start{Worker: 2})
	f.Handle(protocol.Refused{Worker: 1, Error: "no memory"})
	f.Handle(protocol.Refused{Worker: 2, Error: "no memory"})
	f.await("an empty pool", func(s Snapshot) bool { return s.Empty() && s.Failed == 2 })
	f.expectNothing()
}

func TestStop(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.SetDesired(3)
	f.expect(protocol.Start{Worker: 3})
	f.Stop()
	f.expectSignals(interrupt(1), interrupt(2))
	f.SetDesired(9)
	f.Stop()
	f.expectNothing()
	f.started(3) // on its way already
	f.expectSignals(interrupt(3))
	f.exit(pidOf(1), exitedWith0)
	f.buried(1)
	f.exit(pidOf(3), exitedWith0)
	f.buried(3)
	select {
	case <-f.Done():
		t.Fatal("ended before the last worker")
	default:
	}
	f.exit(pidOf(2), exitedWith1)
	f.buried(2)
	f.awaitDone()
}

func TestStopWithoutWorkers(t *testing.T) {
	f := newPool(t, nil)
	f.Stop()
	f.awaitDone()
	// What comes after the end blocks nobody.
	f.SetDesired(1)
	f.Stop()
	f.Kill()
	f.HandleExit(1, 0)
	if members := f.Members(); members != nil {
		t.Errorf("members are %v", members)
	}
}

func TestStopKillsAfterItsTime(t *testing.T) {
	f := newPool(t, func(o *Options) { o.StopTimeout = time.Millisecond })
	f.grow(2)
	f.Stop()
	// The groups of both, whenever their time is over.
	f.expectSignals(interrupt(1), interrupt(2), smash(1), smash(2))
	f.exit(pidOf(1), killed)
	f.buried(1)
	f.exit(pidOf(2), killed)
	f.buried(2)
	f.awaitDone()
}

func TestWorkerThatEndsInTimeIsNotKilled(t *testing.T) {
	f := newPool(t, func(o *Options) { o.StopTimeout = never })
	f.grow(2)
	f.SetDesired(1)
	f.expectSignals(interrupt(1))
	var timer *time.Timer
	f.inside(func() { timer = f.workers[1].timer })
	f.exit(pidOf(1), exitedWith0)
	f.buried(1)
	f.expectNothing()
	if timer == nil || timer.Stop() {
		t.Error("the timer outlives its worker")
	}
}

func TestKill(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.SetDesired(3)
	f.expect(protocol.Start{Worker: 3})
	f.Stop()
	f.expectSignals(interrupt(1), interrupt(2))
	f.Kill()
	f.expectSignals(smash(1), smash(2))
	f.exit(pidOf(1), killed)
	f.buried(1)
	f.exit(pidOf(2), killed)
	f.buried(2)
	f.awaitDone() // the one without a pid is the host's
}

func TestKillAnswersWhoWaits(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	starting := f.startOne()
	f.expect(protocol.Start{Worker: 2})
	stopping := f.stopThese(identityOf(1))
	f.expectSignals(interrupt(1))
	f.Kill()
	if got := take(t, starting, "answer"); !errors.Is(got.err, ErrStopping) {
		t.Errorf("got %v, want ErrStopping", got)
	}
	f.exit(pidOf(1), killed)
	if err := take(t, stopping, "answer"); err != nil {
		t.Error(err)
	}
}

func TestEndsOfOthersArePassedOver(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.exit(99, killed)
	f.HandleExit(98, 0)
	f.Handle(protocol.Started{Worker: 7, Pid: 97, Identity: "NAT|7"})
	f.Handle(protocol.Refused{Worker: 7, Error: "x"})
	f.Handle(protocol.Registered{Worker: 7})
	f.Handle(protocol.Busy{Worker: 7})
	f.Handle(protocol.Idle{Worker: 7})
	f.Handle(protocol.Pong{})
	f.expectNothing()
	f.await("nothing new", func(s Snapshot) bool { return s == Snapshot{Desired: 1, Actual: 1, Registered: 1} })
}

func TestEndOfAnOrphanComesBeforeThatOfItsHost(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.HandleExit(pidOf(1), syscall.WaitStatus(killed))
	f.await("its end", func(s Snapshot) bool { return s.Ended == 1 && s.Actual == 0 && s.Failed == 0 })
	f.expectNothing() // its number is the system's again, and nobody is there to start another one
	f.HostLost(true)
	f.HostReady()
	f.expect(protocol.Start{Worker: 2})
}

// A host that ended after an error of its own has waited for its workers: nobody else tells of their ends.
func TestLostHostThatReaped(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.mu.Lock()
	f.gone = map[int]bool{pidOf(1): true}
	f.mu.Unlock()
	f.HostLost(true)
	f.expectSignals(smash(1), smash(2))
	f.await("the end of the first", func(s Snapshot) bool { return s.Ended == 1 })
	f.HandleExit(pidOf(2), syscall.WaitStatus(killed))
	f.await("the end of both", func(s Snapshot) bool { return s.Ended == 2 && s.Failed == 0 })
}

func TestLostHost(t *testing.T) {
	for _, adopted := range []bool{true, false} {
		f := newPool(t, nil)
		f.grow(2)
		starting := f.startOne()
		f.expect(protocol.Start{Worker: 3})
		f.HostLost(adopted)
		f.expectSignals(smash(1), smash(2))
		if got := take(t, starting, "answer"); !errors.Is(got.err, ErrHostless) {
			t.Errorf("got %v, want ErrHostless", got)
		}
		if adopted {
			f.HandleExit(pidOf(1), syscall.WaitStatus(killed))
			f.HandleExit(pidOf(2), syscall.WaitStatus(killed))
		}
		f.await("the end of the workers", func(s Snapshot) bool { return s.Ended == 2 && s.Actual == 0 && s.Failed == 0 })
		if got := take(t, f.startOne(), "answer"); !errors.Is(got.err, ErrHostless) {
			t.Errorf("got %v, want ErrHostless", got)
		}
		f.SetDesired(2)
		f.expectNothing()
		f.HostReady()
		f.expect(protocol.Start{Worker: 4})
		f.expect(protocol.Start{Worker: 5})
		f.expectNothing()
	}
}

func TestHostThatTakesNothing(t *testing.T) {
	f := newPool(t, nil)
	f.mu.Lock()
	f.refuse = errors.New("broken pipe")
	f.mu.Unlock()
	f.SetDesired(2)
	if got := take(t, f.startOne(), "answer"); got.err == nil {
		t.Errorf("got %v", got)
	}
	f.HostLost(true)
	f.SetDesired(2)
	f.expectNothing()
	f.mu.Lock()
	f.refuse = nil
	f.mu.Unlock()
	f.HostReady()
	first := take(t, f.sent, "start").(protocol.Start)
	f.expect(protocol.Start{Worker: first.Worker + 1})
	f.expectNothing()
	f.await("no failure", func(s Snapshot) bool { return s.Actual == 2 && s.Failed == 0 })
}

func TestAbandoned(t *testing.T) {
	type abandoned struct {
		identity string
		farewell byte
	}
	told := make(chan abandoned, 8)
	f := newPool(t, func(o *Options) {
		o.Abandoned = func(identity string, farewell []byte) { told <- abandoned{identity, farewell[0]} }
	})
	f.grow(2)
	f.SetDesired(3)
	f.expect(protocol.Start{Worker: 3})
	f.started(3)
	f.exit(pidOf(1), exitedWith0) // says farewell itself
	f.exit(pidOf(3), killed)      // the scheduler may have heard of it
	f.exit(pidOf(2), killed)
	for _, number := range []int{3, 2} {
		if got := take(t, told, "abandoned worker"); got != (abandoned{identityOf(number), byte(number)}) {
			t.Errorf("told of %v", got)
		}
	}
	f.inside(func() {})
	if len(told) != 0 {
		t.Errorf("told of %v too", <-told)
	}
}

func TestMembers(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.SetDesired(2)
	f.expect(protocol.Start{Worker: 2})
	if got := f.Members(); len(got) != 1 || got[0] != (Member{pidOf(1), identityOf(1)}) {
		t.Errorf("members are %v", got)
	}
}

func TestSettled(t *testing.T) {
	f := newPool(t, nil)
	f.SetDesired(1)
	f.expect(protocol.Start{Worker: 1})
	f.await("a start", func(s Snapshot) bool { return s.Actual == 1 && !s.Settled() })
	f.started(1)
	f.Handle(protocol.Registered{Worker: 1})
	f.await("registration", func(s Snapshot) bool { return s.Registered == 1 && s.Settled() })
}

func TestSpacingOfYoungDeathsIsTheWorkersPolicy(t *testing.T) {
	f := newPool(t, nil)
	f.inside(func() { f.youngRounds, f.lastYoung = 4, time.Now() })
	f.SetDesired(1)
	f.expect(protocol.Start{Worker: 1})
	f.started(1)
	f.exit(pidOf(1), killed)
	f.buried(1)
	f.inside(func() {
		if wait := time.Until(f.retryAt); wait <= worker.Backoff(4) || wait > 5*time.Second {
			t.Errorf("the next one starts in %s", wait)
		}
	})
}

func TestSmashIsADeath(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.age()
	f.Smash(pidOf(1))
	f.Smash(pidOf(2)) // which is none
	f.expectSignals(signalled{pidOf(1), syscall.SIGKILL, true})
	f.expectNothing()
	f.exit(pidOf(1), killed)
	f.buried(1)
	f.expect(protocol.Start{Worker: 2})
	f.await("a death", func(s Snapshot) bool { return s.Failed == 1 })
}
