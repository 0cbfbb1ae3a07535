package agent

import (
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

func TestStart(t *testing.T) {
	f := newFake(t)
	f.expect(Begin{})
	f.expect(Connected{}, Beat{Heartbeat{}})
	f.expect(echo(), Registered{}, Fork{storage})
	f.expect(ProcessorStarted{1})
	f.expect(FromProcessor{1, protocol.ProcessorInitialized{}})
	f.expect(taskOf("a", 0), run(1, "a"), Busy{})
}

func TestStartWithConfiguredStorage(t *testing.T) {
	f := newFake(t, func(o *Options) { o.Storage = true })
	f.expect(Begin{}, Fork{})
	f.expect(Connected{}, Beat{Heartbeat{}})
	f.expect(echo(), Registered{})
}

func TestTaskThatComesBeforeTheProcessor(t *testing.T) {
	f := newFake(t)
	f.do(Connected{})
	f.expect(taskOf("a", 0), Busy{})
	f.do(echo())
	f.do(ProcessorStarted{1})
	f.expect(FromProcessor{1, protocol.ProcessorInitialized{}}, run(1, "a"))
}

func TestResult(t *testing.T) {
	f := ready(t)
	f.do(taskOf("a", 0))
	f.expect(taskOf("b", 0))
	f.expect(FromProcessor{1, protocol.ObjectInstruction{Frame: []byte("o")}}) // which waits for what follows
	f.expect(FromProcessor{1, protocol.TaskLog{Frame: []byte("l")}}, Forward{[]byte("o")}, Forward{[]byte("l")})
	f.expect(FromProcessor{1, protocol.ObjectInstruction{Frame: []byte("p")}})
	f.expect(Tick{}, Forward{[]byte("p")}) // which may not come for long
	f.expect(result(1, "a"), Finish{resultOf("a")}, run(1, "b"))
	f.expect(result(1, "a")) // nobody waits for it any more
	f.expect(result(1, "b"), Finish{resultOf("b")})
	f.expect(FromProcessor{1, protocol.ObjectInstruction{Frame: []byte("o")}}) // it has no task
	f.expect(FromScheduler{protocol.ObjectInstruction{Frame: []byte("d")}}, Instruct{1, []byte("d")})
	if got := f.wait(IdleTime); len(got) != 1 || got[0] != (Idle{}) {
		t.Fatalf("after the last task: %+v", got)
	}
}

func TestOrder(t *testing.T) {
	f := ready(t)
	f.do(taskOf("now", 9))
	for _, next := range []struct {
		id       string
		priority int32
	}{{"b", 1}, {"c", 1}, {"a", 2}, {"d", 0}} {
		f.do(taskOf(next.id, next.priority))
	}
	last := "now"
	for _, id := range []string{"a", "b", "c", "d"} {
		f.expect(result(1, last), Finish{resultOf(last)}, run(1, id))
		last = id
	}
}

func TestSuspendAndResume(t *testing.T) {
	f := ready(t)
	f.do(taskOf("low", 0))
	f.expect(taskOf("high", 1), Suspended{1, true}, Signal{1, syscall.SIGUSR1}, Fork{storage})
	f.expect(taskOf("other", 0))
	f.do(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "high"))
	f.now = f.now.Add(5 * time.Second)
	f.do(echo())
	h := f.agent.heartbeat()
	if h.Queued != 1 || len(h.Processors) != 2 || !h.Processors[0].Suspended || h.Processors[1].TaskAgeSeconds != 5 {
		t.Fatalf("heartbeat %+v", h)
	}
	f.expect(FromScheduler{protocol.ObjectInstruction{Frame: []byte("d")}}, Instruct{1, []byte("d")}, Instruct{2, []byte("d")})
	// The suspended one goes on before another one of its priority begins.
	f.expect(result(2, "high"), Finish{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
	f.expect(exited(2, 0), Gone{2})
	// It may be in a call that no signal interrupts, and may wait there for this task.
	f.expect(taskOf("higher", 2), Suspended{1, true}, Signal{1, syscall.SIGUSR1}, Fork{storage})
}

func TestHardSuspend(t *testing.T) {
	f := ready(t, func(o *Options) { o.HardSuspend = true })
	f.do(taskOf("low", 0))
	f.expect(taskOf("high", 1), Suspended{1, true}, Signal{1, syscall.SIGSTOP}, Fork{storage})
	f.initialize(2)
	f.expect(result(2, "high"), Finish{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Signal{1, syscall.SIGCONT})
	f.expect(taskOf("higher", 2), Suspended{1, true}, Signal{1, syscall.SIGSTOP}, Fork{storage})
}

func TestResultOfASuspendedProcessor(t *testing.T) {
	f := ready(t)
	f.do(taskOf("low", 0))
	f.do(taskOf("high", 1))
	f.expect(result(1, "low"), Finish{resultOf("low")}, Signal{1, syscall.SIGKILL})
	f.expect(killed(1), Gone{1})
	f.do(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "high"))
	f.expect(result(2, "high"), Finish{resultOf("high")})
}

func TestCancel(t *testing.T) {
	canceled := func(id string) Effect { return Confirm{id, protocol.Canceled} }
	t.Run("unknown", func(t *testing.T) {
		ready(t).expect(cancel("x", true), Confirm{"x", protocol.CancelNotFound})
	})
	t.Run("queued", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.do(taskOf("b", 0))
		f.expect(cancel("b", false), canceled("b"))
		f.expect(result(1, "a"), Finish{resultOf("a")})
	})
	t.Run("running", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.expect(cancel("a", false), Confirm{"a", protocol.CancelFailed})
		f.expect(result(1, "a"), Finish{resultOf("a")})
	})
	t.Run("running, by force", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.expect(cancel("a", true), Signal{1, syscall.SIGTERM}, Fork{storage})
		f.expect(cancel("a", true)) // answered when the first one is
		f.expect(result(1, "a"))    // too late
		f.initialize(2)
		f.expect(taskOf("b", 0), run(2, "b")) // while the first processor ends
		f.expect(exited(1, 0), Gone{1}, canceled("a"), Confirm{"a", protocol.CancelNotFound})
	})
	t.Run("one that does not end", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.do(cancel("a", true))
		if got := f.wait(killDelay); got[len(got)-1] != (Signal{1, syscall.SIGKILL}) {
			t.Fatalf("after %s: %+v", killDelay, got)
		}
		f.expect(killed(1), Gone{1}, canceled("a"))
	})
	t.Run("suspended", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("low", 0))
		f.do(taskOf("high", 1))
		f.expect(cancel("low", false), Confirm{"low", protocol.CancelFailed})
		f.expect(cancel("low", true), Signal{1, syscall.SIGKILL})
		f.initialize(2)
		f.expect(killed(1), Gone{1}, canceled("low"))
		f.expect(result(2, "high"), Finish{resultOf("high")}) // and it is not run again
	})
}

func TestDeathOfAProcessor(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		f := ready(t)
		f.expect(killed(1), Gone{1}, Fork{storage})
		f.expect(taskOf("a", 0), Busy{})
		f.do(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "a"))
	})
	t.Run("before it was ready", func(t *testing.T) {
		f := newFake(t)
		f.do(Connected{})
		f.do(echo())
		f.do(ProcessorStarted{1})
		f.expect(exited(1, 1), Gone{1})
		if got := f.wait(100 * time.Millisecond); len(got) != 1 || got[0] != (Fork{storage}) {
			t.Fatalf("after the first backoff: %+v", got)
		}
		f.expect(NotForked{"no memory"})
		if got := f.wait(100 * time.Millisecond); len(got) != 0 {
			t.Fatalf("the second backoff is no longer: %+v", got)
		}
	})
	t.Run("with a task", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.do(taskOf("b", 0))
		const text = "process_status='zombie' exitcode=-9 (SIGKILL)"
		f.expect(killed(1), Gone{1}, StoreFailure{"a", "c", text, storage}, Fork{storage})
		f.expect(cancel("a", true)) // answered once the failure is told
		object := protocol.ObjectID{7}
		f.expect(Stored{"a", object}, Announce{"c", object},
			Finish{protocol.TaskResult{TaskID: "a", Type: protocol.Failed, Results: [][]byte{object[:]}}},
			Confirm{"a", protocol.CancelNotFound})
		f.do(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "b"))
	})
	t.Run("suspended", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("low", 0))
		f.do(taskOf("high", 1))
		f.initialize(2)
		f.expect(exited(1, 1), Gone{1}, StoreFailure{"low", "c", "process_status='zombie' exitcode=1", storage})
		f.expect(result(2, "high"), Finish{resultOf("high")})
	})
	t.Run("whose error cannot be stored", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.do(killed(1))
		f.do(ProcessorStarted{2})
		f.expect(NotStored{"a", errors.New("refused")}, TakeLeave{}, Signal{2, syscall.SIGTERM})
		f.expect(exited(2, 0), Gone{2}, Quit{1})
	})
}

func TestEnd(t *testing.T) {
	t.Run("by a signal", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("low", 0))
		f.do(taskOf("high", 1))
		f.initialize(2)
		f.expect(Terminate{}, TakeLeave{}, Signal{1, syscall.SIGKILL}, Signal{2, syscall.SIGTERM})
		f.expect(taskOf("late", 0))
		f.expect(killed(1), Gone{1})
		f.now = f.now.Add(killDelay)
		f.expect(Tick{}, Signal{2, syscall.SIGKILL})
		f.expect(killed(2), Gone{2}, Quit{0})
	})
	t.Run("without a processor", func(t *testing.T) {
		newFake(t).expect(Terminate{}, TakeLeave{}, Quit{0})
	})
	t.Run("by the client", func(t *testing.T) {
		f := ready(t)
		f.expect(FromScheduler{protocol.ClientDisconnect{}})
		f.expect(FromScheduler{protocol.ClientDisconnect{Shutdown: true}}, TakeLeave{}, Signal{1, syscall.SIGTERM})
		f.expect(exited(1, 0), Gone{1}, Quit{0})
	})
	t.Run("by silence", func(t *testing.T) {
		f := ready(t)
		f.do(exited(1, 0))
		got := f.wait(deathTimeout)
		if len(got) != 3 || got[2] != (Quit{1}) { // one heartbeat, and none before it is answered
			t.Fatalf("got %+v", got)
		}
	})
}

func TestAnotherScheduler(t *testing.T) {
	f := ready(t)
	f.do(taskOf("a", 0))
	f.do(taskOf("b", 0))
	f.do(Disconnected{})
	f.expect(result(1, "a"), Finish{resultOf("a")}, run(1, "b"))
	got := f.do(Connected{Another: true})
	if len(got) != 4 || got[0] != (Forget{}) || got[1] != (Signal{1, syscall.SIGTERM}) || got[2] != (Fork{storage}) {
		t.Fatalf("got %+v", got)
	}
	f.expect(echo(), Registered{})
	f.initialize(2)
	f.expect(exited(1, 0), Gone{1})
	f.do(Disconnected{})
	f.do(Connected{Another: true}) // an idle processor is kept
	f.expect(FromScheduler{protocol.Echo{Storage: "tcp://127.0.0.1:2"}}, Registered{}, Signal{2, syscall.SIGTERM}, Fork{"tcp://127.0.0.1:2"})
}

// The address changes while a processor is on its way that was asked for with the former one.
func TestAnotherStorage(t *testing.T) {
	f := newFake(t)
	f.do(Connected{})
	f.do(echo())
	f.do(Connected{Another: true})
	f.expect(FromScheduler{protocol.Echo{Storage: "tcp://127.0.0.1:2"}}, Registered{})
	f.expect(ProcessorStarted{1}, Signal{1, syscall.SIGTERM}, Fork{"tcp://127.0.0.1:2"})
	f.expect(ProcessorStarted{2})
}

// An idle processor of 1.26 may have lost its object storage with the connection to the scheduler.
func TestStorageThatEndsWithTheScheduler(t *testing.T) {
	f := ready(t, func(o *Options) { o.StorageEnds = true })
	f.do(Disconnected{})
	if got := f.do(Connected{}); len(got) != 3 || got[0] != (Signal{1, syscall.SIGTERM}) || got[1] != (Fork{storage}) {
		t.Fatalf("got %+v", got)
	}
	f.initialize(2)
	f.do(taskOf("a", 0))
	f.do(Disconnected{})
	if got := f.do(Connected{}); len(got) != 1 { // a heartbeat alone
		t.Fatalf("got %+v", got)
	}
	f.expect(result(2, "a"), Finish{resultOf("a")})
}

func TestTheSameScheduler(t *testing.T) {
	f := ready(t)
	f.do(taskOf("a", 0))
	f.do(Disconnected{})
	if got := f.do(Connected{}); len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	f.expect(result(1, "a"), Finish{resultOf("a")})
}
