package agent

import (
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

// leaves returns the effects of an agent that has drained and has an idle processor.
func leaves(pid int) []Effect { return []Effect{Drained{}, Disconnect{}, Signal{pid, syscall.SIGTERM}} }

func finishAndLeave(pid int, id string) []Effect {
	return append([]Effect{SendResult{resultOf(id)}}, leaves(pid)...)
}

func TestDrain(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		f := ready(t)
		f.expect(Drain{}, leaves(1)...)
		f.expect(exited(1, 0), ProcessorGone{1}, Quit{0})
	})
	t.Run("without a processor", func(t *testing.T) {
		f := newFake(t)
		f.handle(Connected{})
		f.handle(taskOf("a", 0))
		f.handle(echo())
		f.expect(Drain{}, Drained{}, Disconnect{}, Quit{0})
	})
	t.Run("without a scheduler", func(t *testing.T) {
		f := newFake(t)
		f.expect(Drain{}, Drained{}, Disconnect{}, Quit{0})
	})
	t.Run("a task runs and others wait", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.handle(taskOf("b", 0))
		f.handle(taskOf("c", 0))
		f.expect(Drain{})
		f.expect(Drain{})
		f.expect(taskOf("d", 0))
		f.expect(cancel("b", false), ConfirmCancel{"b", protocol.Canceled}) // to balance workers
		f.expect(cancel("a", false), ConfirmCancel{"a", protocol.CancelFailed})
		f.expect(result(1, "a"), finishAndLeave(1, "a")...)
		f.expect(exited(1, 0), ProcessorGone{1}, Quit{0})
	})
	t.Run("a task is suspended", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("low", 0))
		f.handle(taskOf("high", 1))
		f.handle(taskOf("other", 0))
		f.initialize(2)
		f.expect(Drain{})
		f.expect(result(2, "high"), SendResult{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
		f.expect(result(1, "low"), finishAndLeave(1, "low")...)
	})
	t.Run("a task is cancelled", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.handle(taskOf("b", 0))
		f.expect(Drain{})
		f.expect(cancel("a", true), Signal{1, syscall.SIGTERM}, Fork{storage})
		f.expect(exited(1, 0), ProcessorGone{1}, ConfirmCancel{"a", protocol.Canceled}, Drained{}, Disconnect{}, Quit{0})
	})
	t.Run("a processor dies", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.expect(Drain{})
		f.handle(killed(1))
		f.initialize(2)
		f.expect(ErrorStored{TaskID: "a"}, append([]Effect{
			AnnounceObject{"c", protocol.ObjectID{}},
			SendResult{protocol.TaskResult{TaskID: "a", Type: protocol.Failed, Results: [][]byte{make([]byte, 32)}}},
		}, leaves(2)...)...)
	})
	t.Run("a task that was not read is left to other workers", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.expect(Drain{})
		f.expect(TaskUnread{1}, leaves(1)...)
	})
	t.Run("disconnected, so the last result may be unsent", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("a", 0))
		f.expect(Drain{})
		f.handle(Disconnected{})
		f.expect(result(1, "a"), SendResult{resultOf("a")})
		f.expect(Connected{}, append([]Effect{SendHeartbeat{f.agent.heartbeat()}}, leaves(1)...)...)
	})
}

// A task waits for tasks that it has submitted, which are sent to its worker or to another draining one.
func TestDrainOfNestedTasks(t *testing.T) {
	t.Run("sent to their parent's worker", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("parent", 0))
		f.handle(taskOf("other", 0))
		f.expect(Drain{})
		f.expect(taskOf("child", 1), Suspended{1, true}, Signal{1, syscall.SIGUSR1}, Fork{storage})
		f.handle(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "child"))
		f.expect(taskOf("sibling", 1))
		f.expect(result(2, "child"), SendResult{resultOf("child")}, run(2, "sibling"))
		f.expect(
			result(2, "sibling"), SendResult{resultOf("sibling")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1},
		)
		f.expect(result(1, "parent"), finishAndLeave(1, "parent")...)
	})
	t.Run("queued at their parent's worker", func(t *testing.T) {
		f := ready(t)
		f.handle(taskOf("child", 1))
		f.handle(taskOf("cousin", 1))
		f.handle(taskOf("grandchild", 2))
		f.expect(Drain{})
		f.handle(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "grandchild"))
		f.expect(
			result(2, "grandchild"), SendResult{resultOf("grandchild")}, Signal{2, syscall.SIGTERM}, Suspended{1, false},
			Resume{1},
		)
		f.expect(result(1, "child"), finishAndLeave(1, "child")...) // the cousin's parent is not here
	})
}

func TestUndrain(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.handle(taskOf("c", 0))
	f.expect(Drain{})
	f.expect(Undrain{})
	f.expect(result(1, "a"), SendResult{resultOf("a")}, run(1, "b"))
	f.expect(Drain{})
	f.handle(Disconnected{})
	f.expect(result(1, "b"), SendResult{resultOf("b")})
	f.expect(Undrain{}, run(1, "c")) // it was only waiting for Undrain
	f.expect(Drain{})
	f.handle(Connected{})
	f.expect(result(1, "c"), finishAndLeave(1, "c")...)
	f.expect(Undrain{}) // too late
	f.expect(exited(1, 0), ProcessorGone{1}, Quit{0})
}

// Cancels that the scheduler sent before it knew that the worker quits.
func TestCancelWhileQuitting(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.handle(Terminate{})
	f.expect(cancel("b", false), ConfirmCancel{"b", protocol.Canceled})
	f.expect(cancel("b", false))
	f.expect(cancel("a", true), ConfirmCancel{"a", protocol.Canceled}) // it does not run any more
	f.expect(cancel("x", false))
	f.expect(taskOf("c", 0))
}
