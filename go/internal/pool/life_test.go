package pool

import (
	"errors"
	"reflect"
	"syscall"
	"testing"
	"time"
)

func TestStop(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SetDesired{3})
	f.expect(start(3))
	f.on(Stop{})
	f.expect(terminate(1), terminate(2))
	f.on(SetDesired{9})
	f.on(Stop{})
	f.expectNothing()
	f.started(3) // was in flight
	f.expect(terminate(3))
	f.exit(1, exitedWith0)
	f.expect(reap(1))
	f.exit(3, exitedWith0)
	f.expect(reap(3))
	f.checkFinished(false)
	f.exit(2, exitedWith1)
	f.expect(reap(2))
	f.checkFinished(true)
}

func TestStopWithoutWorkers(t *testing.T) {
	f := newPool(t, nil)
	f.on(Stop{})
	f.checkFinished(true)
	// Later events change nothing.
	f.on(SetDesired{1})
	f.on(Stop{})
	f.on(Kill{})
	f.on(HostLost{})
	f.on(HostReady{})
	f.on(SchedulerLost{})
	f.on(SchedulerFound{true})
	f.on(Exited{Pid: 1})
	f.expectNothing()
	f.checkFinished(true)
	if workers := f.Workers(); workers != nil {
		t.Errorf("workers are %v", workers)
	}
}

func TestStopKillsAfterTimeout(t *testing.T) {
	f := newPool(t, func(o *Options) { o.StopTimeout = time.Minute })
	f.grow(2)
	f.on(Stop{})
	f.expect(terminate(1), terminate(2))
	f.pass(time.Minute - 1)
	f.expectNothing()
	f.pass(1)
	f.expect(kill(1), kill(2))
	f.exit(1, killed)
	f.expect(reap(1))
	f.exit(2, killed)
	f.expect(reap(2))
	f.checkFinished(true)
}

func TestWorkerThatExitsInTimeIsNotKilled(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SetDesired{1})
	f.expect(terminate(1))
	f.exit(1, exitedWith0)
	f.expect(reap(1))
	if next := f.Deadline(); !next.IsZero() {
		t.Errorf("a tick at %s is asked for", next)
	}
	f.pass(2 * never)
	f.expectNothing()
}

func TestKill(t *testing.T) {
	f := newPool(t, nil)
	f.grow(2)
	f.on(SetDesired{3})
	f.expect(start(3))
	f.on(Stop{})
	f.expect(terminate(1), terminate(2))
	f.on(Kill{})
	f.expect(kill(1), kill(2))
	f.exit(1, killed)
	f.expect(reap(1))
	f.exit(2, killed)
	f.expect(reap(2))
	f.checkFinished(true) // the one without a pid dies with the host
	f.started(3)
	f.expectNothing()
}

func TestKillAnswersRequests(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.startOne()
	f.expect(start(2))
	f.stopWorkers(identityOf(1))
	f.expect(terminate(1))
	f.on(Kill{})
	f.expectAnswer("start", "", ErrStopping)
	f.exit(1, killed)
	f.expectAnswer("stop", "", nil)
}

// A killed process in an uninterruptible sleep must not keep the manager running.
func TestStuckWorkerIsDroppedWhileStopping(t *testing.T) {
	f := newPool(t, func(o *Options) { o.StopTimeout = time.Minute })
	f.grow(1)
	f.stopWorkers(identityOf(1))
	f.on(Stop{})
	f.expect(terminate(1))
	f.pass(time.Minute)
	f.expect(kill(1))
	f.pass(killTimeout - 1)
	f.checkFinished(false)
	f.expectNoAnswer()
	f.pass(1)
	f.checkFinished(true)
	f.expectAnswer("stop", "", nil)
	f.exit(1, killed) // it dies after all
	f.expectNothing()
}

func TestStuckWorkerIsKeptUntilStop(t *testing.T) {
	f := newPool(t, func(o *Options) { o.StopTimeout = time.Minute })
	f.grow(1)
	f.on(SetDesired{0})
	f.expect(terminate(1))
	f.pass(time.Minute)
	f.expect(kill(1))
	f.pass(never)
	f.check("still stopping", func(s Snapshot) bool { return s.Stopping == 1 })
	f.on(Stop{})
	f.checkFinished(false)
	f.pass(killTimeout)
	f.checkFinished(true)
}

func TestEventsOfUnknownWorkersAreIgnored(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.exit(99, killed)
	f.on(Exited{Pid: 98, Orphan: true})
	f.on(Started{Worker: 7, Pid: 97, Identity: "NAT|7"})
	f.on(Started{Worker: 1, Pid: 96, Identity: "NAT|96"}) // it is started already
	f.on(Refused{1, errors.New("x")})
	f.on(Refused{7, errors.New("x")})
	f.on(Registered{7})
	f.on(Busy{7})
	f.on(Idle{7})
	f.on(KillWorker{97})
	f.expectNothing()
	f.check("nothing new", func(s Snapshot) bool { return s == Snapshot{Desired: 1, Actual: 1, Registered: 1} })
}

func TestKillWorkerIsADeath(t *testing.T) {
	f := newPool(t, nil)
	f.grow(1)
	f.age()
	f.on(KillWorker{pidOf(1)})
	f.on(KillWorker{pidOf(2)}) // not a worker
	f.expect(kill(1))
	f.expectNothing()
	f.exit(1, killed)
	f.expect(reap(1), startIn(0, 2))
	f.check("a death", func(s Snapshot) bool { return s.Failed == 1 })
}

func TestFixedMode(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Replace = false })
	f.grow(3)
	f.exit(1, killed)
	f.expect(reap(1))
	f.exit(2, exitedWith0)
	f.expect(reap(2))
	f.expectNothing()
	f.check("one worker", func(s Snapshot) bool {
		return s.Desired == 1 && s.Actual == 1 && s.Failed == 1 && s.Unreplaced == 1 && s.Ended == 2
	})
	f.on(SetDesired{0})
	f.expect(terminate(3))
	f.exit(3, int(syscall.SIGTERM))
	f.check("an empty pool", func(s Snapshot) bool { return s.Empty() && s.Failed == 1 && s.Ended == 3 })
}

func TestFixedModeRefused(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Replace = false })
	f.on(SetDesired{2})
	f.expect(start(1), start(2))
	f.on(Refused{1, errors.New("no memory")})
	f.on(Refused{2, errors.New("no memory")})
	f.check("an empty pool", func(s Snapshot) bool { return s.Empty() && s.Failed == 2 && s.Unreplaced == 2 })
	f.expectNothing()
}

// A start that was cancelled and then refused does not lower the desired number.
func TestRefusedCancelledStartIsNoLoss(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Replace = false })
	f.on(SetDesired{2})
	f.expect(start(1), start(2))
	f.on(SetDesired{1})
	f.on(Refused{1, errors.New("no memory")})
	f.check("one worker", func(s Snapshot) bool { return s.Desired == 1 && s.Actual == 1 && s.Unreplaced == 0 })
}

// Only workers that were not replaced count for the exit status of fixed mode.
func TestReplacedWorkersAreNotUnreplaced(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Restore = true })
	f.grow(2)
	f.age()
	f.exit(1, killed)
	f.expect(reap(1), startIn(0, 3))
	f.started(3)
	f.exit(3, exitedWith1)
	f.expect(reap(3), startIn(0, 4))
	f.on(Refused{4, errors.New("no memory")})
	f.check("failures", func(s Snapshot) bool { return s.Failed == 3 && s.Unreplaced == 0 && s.Desired == 2 })
}

// A slot is freed once, whatever became of its worker, and after the worker was reaped.
func TestFreed(t *testing.T) {
	f := newPool(t, func(o *Options) { o.Replace = false })
	f.grow(2)
	f.on(SetDesired{3})
	f.expect(start(3))
	if f.on(Refused{Worker: 3, Err: errors.New("no memory")}); !reflect.DeepEqual(f.freed, []Freed{{2, 0, ""}}) {
		t.Errorf("after a refusal these are free: %v", f.freed)
	}
	f.exit(1, exitedWith1)
	f.on(HostLost{Orphans: []int{pidOf(2)}})
	f.orphanExit(2)
	want := []Freed{{2, 0, ""}, {0, pidOf(1), identityOf(1)}, {1, pidOf(2), identityOf(2)}}
	if !reflect.DeepEqual(f.freed, want) {
		t.Errorf("free are %v, want %v", f.freed, want)
	}
}
