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
	f.expect(Start{})
	f.expect(Connected{}, SendHeartbeat{Heartbeat{}})
	f.expect(echo(), Registered{}, Fork{storage})
	f.expect(ProcessorStarted{1})
	f.expect(FromProcessor{1, protocol.ProcessorInitialized{}})
	f.expect(taskOf("a", 0), run(1, "a"), Busy{})
}

func TestStartWithConfiguredStorage(t *testing.T) {
	f := newFake(t, func(o *Options) { o.Storage = true })
	f.expect(Start{}, Fork{})
	f.expect(Connected{}, SendHeartbeat{Heartbeat{}})
	f.expect(echo(), Registered{})
}

func TestTaskBeforeProcessor(t *testing.T) {
	f := newFake(t)
	f.handle(Connected{})
	f.expect(taskOf("a", 0), Busy{})
	f.handle(echo())
	f.handle(ProcessorStarted{1})
	f.expect(FromProcessor{1, protocol.ProcessorInitialized{}}, run(1, "a"))
}

func TestResult(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("a", 0))
	f.expect(taskOf("b", 0))
	f.expect(FromProcessor{1, protocol.ObjectInstruction{Frame: []byte("o")}}) // held back until the next event
	f.expect(FromProcessor{1, protocol.TaskLog{Frame: []byte("l")}}, Forward{[]byte("o")}, Forward{[]byte("l")})
	f.expect(FromProcessor{1, protocol.ObjectInstruction{Frame: []byte("p")}})
	f.expect(Tick{}, Forward{[]byte("p")}) // does not wait for long
	f.expect(result(1, "a"), SendResult{resultOf("a")}, run(1, "b"))
	f.expect(result(1, "a")) // it was answered
	f.expect(result(1, "b"), SendResult{resultOf("b")})
	f.expect(FromProcessor{1, protocol.ObjectInstruction{Frame: []byte("o")}}) // it has no task
	f.expect(FromScheduler{protocol.ObjectInstruction{Frame: []byte("d")}}, Instruct{1, []byte("d")})
	if got := f.wait(IdleTime); len(got) != 1 || got[0] != (Idle{}) {
		t.Fatalf("after the last task: %+v", got)
	}
}

func TestOrder(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("now", 9))
	for _, next := range []struct {
		id       string
		priority int32
	}{{"b", 1}, {"c", 1}, {"a", 2}, {"d", 0}} {
		f.handle(taskOf(next.id, next.priority))
	}
	last := "now"
	for _, id := range []string{"a", "b", "c", "d"} {
		f.expect(result(1, last), SendResult{resultOf(last)}, run(1, id))
		last = id
	}
}

func TestSuspendAndResume(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("low", 0))
	f.expect(taskOf("high", 1), Suspended{1, true}, Signal{1, syscall.SIGUSR1}, Fork{storage})
	f.expect(taskOf("other", 0))
	f.handle(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "high"))
	f.now = f.now.Add(5 * time.Second)
	f.handle(echo())
	h := f.agent.heartbeat()
	if h.Queued != 1 || len(h.Processors) != 2 || !h.Processors[0].Suspended || h.Processors[1].TaskAgeSeconds != 5 {
		t.Fatalf("heartbeat %+v", h)
	}
	f.expect(
		FromScheduler{protocol.ObjectInstruction{Frame: []byte("d")}}, Instruct{1, []byte("d")}, Instruct{2, []byte("d")},
	)
	// The suspended task resumes before another one of its priority starts.
	f.expect(result(2, "high"), SendResult{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
	f.expect(exited(2, 0), ProcessorGone{2})
	// The next task does not wait until it has resumed: it may be in a system call that waits for this very task.
	f.expect(taskOf("higher", 2), Suspended{1, true}, Signal{1, syscall.SIGUSR1}, Fork{storage})
}

func TestHardSuspend(t *testing.T) {
	f := ready(t, func(o *Options) { o.HardSuspend = true })
	f.handle(taskOf("low", 0))
	f.expect(taskOf("high", 1), Suspended{1, true}, Signal{1, syscall.SIGSTOP}, Fork{storage})
	f.initialize(2)
	f.expect(
		result(2, "high"), SendResult{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false},
		Signal{1, syscall.SIGCONT},
	)
	f.expect(taskOf("higher", 2), Suspended{1, true}, Signal{1, syscall.SIGSTOP}, Fork{storage})
}

func TestResultOfASuspendedProcessor(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("low", 0))
	f.handle(taskOf("high", 1))
	f.expect(result(1, "low"), SendResult{resultOf("low")}, Signal{1, syscall.SIGKILL})
	f.expect(killed(1), ProcessorGone{1})
	f.handle(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "high"))
	f.expect(result(2, "high"), SendResult{resultOf("high")})
}

func TestCancel(t *testing.T) {
	canceled := func(id string) Effect { return ConfirmCancel{id, protocol.Canceled} }
	t.Run("unknown", func(t *testing.T) {
		ready(t).expect(cancel("x", true), ConfirmCancel{"x", protocol.CancelNotFound})
	})
	t.Run("queued", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.handle(taskOf("b", 0))
		f.expect(cancel("b", false), canceled("b"))
		f.expect(result(1, "a"), SendResult{resultOf("a")})
	})
	t.Run("running", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.expect(cancel("a", false), ConfirmCancel{"a", protocol.CancelFailed})
		f.expect(result(1, "a"), SendResult{resultOf("a")})
	})
	t.Run("running, by force", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.expect(cancel("a", true), Signal{1, syscall.SIGTERM}, Fork{storage})
		f.expect(cancel("a", true)) // answered together with the first one
		f.expect(result(1, "a"))    // too late
		f.initialize(2)
		f.expect(taskOf("b", 0), run(2, "b")) // while the first processor exits
		f.expect(exited(1, 0), ProcessorGone{1}, canceled("a"), ConfirmCancel{"a", protocol.CancelNotFound})
	})
	t.Run("running, ignores SIGTERM", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.handle(cancel("a", true))
		if got := f.wait(killDelay); got[len(got)-1] != (Signal{1, syscall.SIGKILL}) {
			t.Fatalf("after %s: %+v", killDelay, got)
		}
		f.expect(killed(1), ProcessorGone{1}, canceled("a"))
	})
	t.Run("suspended", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("low", 0))
		f.handle(taskOf("high", 1))
		f.expect(cancel("low", false), ConfirmCancel{"low", protocol.CancelFailed})
		f.expect(cancel("low", true), Signal{1, syscall.SIGKILL})
		f.initialize(2)
		f.expect(killed(1), ProcessorGone{1}, canceled("low"))
		f.expect(result(2, "high"), SendResult{resultOf("high")}) // it does not run again
	})
}

func TestDeathOfAProcessor(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		f := ready(t)
		f.expect(killed(1), ProcessorGone{1}, Fork{storage})
		f.expect(taskOf("a", 0), Busy{})
		f.handle(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "a"))
	})
	t.Run("before it was ready", func(t *testing.T) {
		f := newFake(t)
		f.handle(Connected{})
		f.handle(echo())
		f.handle(ProcessorStarted{1})
		f.expect(exited(1, 1), ProcessorGone{1})
		if got := f.wait(100 * time.Millisecond); len(got) != 1 || got[0] != (Fork{storage}) {
			t.Fatalf("after the first backoff: %+v", got)
		}
		f.expect(ForkFailed{"no memory"})
		if got := f.wait(100 * time.Millisecond); len(got) != 0 {
			t.Fatalf("the second backoff is not longer: %+v", got)
		}
	})
	t.Run("with a task", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.handle(taskOf("b", 0))
		const text = "process_status='zombie' exitcode=-9 (SIGKILL)"
		f.expect(killed(1), ProcessorGone{1}, StoreError{"a", "c", text, storage}, Fork{storage})
		f.expect(cancel("a", true)) // answered together with the failure
		object := protocol.ObjectID{7}
		f.expect(ErrorStored{"a", object}, AnnounceObject{"c", object},
			SendResult{protocol.TaskResult{TaskID: "a", Type: protocol.Failed, Results: [][]byte{object[:]}}},
			ConfirmCancel{"a", protocol.CancelNotFound})
		f.handle(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "b"))
	})
	t.Run("suspended", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("low", 0))
		f.handle(taskOf("high", 1))
		f.initialize(2)
		f.expect(exited(1, 1), ProcessorGone{1}, StoreError{"low", "c", "process_status='zombie' exitcode=1", storage})
		f.expect(result(2, "high"), SendResult{resultOf("high")})
	})
	t.Run("error cannot be stored", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.handle(killed(1))
		f.handle(ProcessorStarted{2})
		f.expect(StoreFailed{"a", errors.New("refused")}, Disconnect{}, Signal{2, syscall.SIGTERM})
		f.expect(exited(2, 0), ProcessorGone{2}, Quit{1})
	})
}

func TestEnd(t *testing.T) {
	t.Run("by a signal", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("low", 0))
		f.handle(taskOf("high", 1))
		f.initialize(2)
		f.expect(Terminate{}, Disconnect{}, Signal{1, syscall.SIGKILL}, Signal{2, syscall.SIGTERM})
		f.expect(taskOf("late", 0))
		f.expect(killed(1), ProcessorGone{1})
		f.now = f.now.Add(killDelay)
		f.expect(Tick{}, Signal{2, syscall.SIGKILL})
		f.expect(killed(2), ProcessorGone{2}, Quit{0})
	})
	t.Run("without a processor", func(t *testing.T) {
		newFake(t).expect(Terminate{}, Disconnect{}, Quit{0})
	})
	t.Run("by the client", func(t *testing.T) {
		f := ready(t)
		f.expect(FromScheduler{protocol.ClientDisconnect{}})
		f.expect(FromScheduler{protocol.ClientDisconnect{Shutdown: true}}, Disconnect{}, Signal{1, syscall.SIGTERM})
		f.expect(exited(1, 0), ProcessorGone{1}, Quit{0})
	})
	t.Run("the scheduler is silent", func(t *testing.T) {
		f := ready(t)
		f.handle(exited(1, 0))
		got := f.wait(deathTimeout)
		if len(got) != 3 || got[2] != (Quit{1}) { // one heartbeat, which is not answered
			t.Fatalf("got %+v", got)
		}
	})
}

func TestAnotherScheduler(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.handle(Disconnected{})
	f.expect(result(1, "a"), SendResult{resultOf("a")}, run(1, "b"))
	got := f.handle(Connected{Another: true})
	if len(got) != 4 || got[0] != (DiscardUnsent{}) || got[1] != (Signal{1, syscall.SIGTERM}) ||
		got[2] != (Fork{storage}) {
		t.Fatalf("got %+v", got)
	}
	f.expect(echo(), Registered{})
	f.initialize(2)
	f.expect(exited(1, 0), ProcessorGone{1})
	f.handle(Disconnected{})
	f.handle(Connected{Another: true}) // the idle processor is kept
	f.expect(
		FromScheduler{protocol.Echo{Storage: "tcp://127.0.0.1:2"}}, Registered{}, Signal{2, syscall.SIGTERM},
		Fork{"tcp://127.0.0.1:2"},
	)
}

// The address changes while a processor is being forked for the previous one.
func TestAnotherStorage(t *testing.T) {
	f := newFake(t)
	f.handle(Connected{})
	f.handle(echo())
	f.handle(Connected{Another: true})
	f.expect(FromScheduler{protocol.Echo{Storage: "tcp://127.0.0.1:2"}}, Registered{})
	f.expect(ProcessorStarted{1}, Signal{1, syscall.SIGTERM}, Fork{"tcp://127.0.0.1:2"})
	f.expect(ProcessorStarted{2})
}

// An idle processor of 1.26 may have lost its object storage with the connection to the scheduler.
func TestStorageThatEndsWithTheScheduler(t *testing.T) {
	f := ready(t, func(o *Options) { o.StorageEnds = true })
	f.handle(Disconnected{})
	if got := f.handle(Connected{}); len(got) != 3 || got[0] != (Signal{1, syscall.SIGTERM}) || got[1] != (Fork{storage}) {
		t.Fatalf("got %+v", got)
	}
	f.initialize(2)
	f.handle(taskOf("a", 0))
	f.handle(Disconnected{})
	if got := f.handle(Connected{}); len(got) != 1 { // only a heartbeat
		t.Fatalf("got %+v", got)
	}
	f.expect(result(2, "a"), SendResult{resultOf("a")})
}

func TestTheSameScheduler(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("a", 0))
	f.handle(Disconnected{})
	if got := f.handle(Connected{}); len(got) != 1 {
		t.Fatalf("got %+v", got)
	}
	f.expect(result(1, "a"), SendResult{resultOf("a")})
}
