package agent

import (
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

// leaves is how an agent with an idle processor ends that has drained.
func leaves(pid int) []Effect { return []Effect{Drained{}, TakeLeave{}, Signal{pid, syscall.SIGTERM}} }

func finishAndLeave(pid int, id string) []Effect {
	return append([]Effect{Finish{resultOf(id)}}, leaves(pid)...)
}

func TestDrain(t *testing.T) {
	t.Run("idle", func(t *testing.T) {
		f := ready(t)
		f.expect(Drain{}, leaves(1)...)
		f.expect(exited(1, 0), Gone{1}, Quit{0})
	})
	t.Run("before there is a processor", func(t *testing.T) {
		f := newFake(t)
		f.do(Connected{})
		f.do(taskOf("a", 0))
		f.do(echo())
		f.expect(Drain{}, Drained{}, TakeLeave{}, Quit{0})
	})
	t.Run("before there is a scheduler", func(t *testing.T) {
		f := newFake(t)
		f.expect(Drain{}, Drained{}, TakeLeave{}, Quit{0})
	})
	t.Run("a task runs and others wait", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.do(taskOf("b", 0))
		f.do(taskOf("c", 0))
		f.expect(Drain{})
		f.expect(Drain{})
		f.expect(taskOf("d", 0))
		f.expect(cancel("b", false), Confirm{"b", protocol.Canceled}) // to balance workers
		f.expect(cancel("a", false), Confirm{"a", protocol.CancelFailed})
		f.expect(result(1, "a"), finishAndLeave(1, "a")...)
		f.expect(exited(1, 0), Gone{1}, Quit{0})
	})
	t.Run("a task is suspended", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("low", 0))
		f.do(taskOf("high", 1))
		f.do(taskOf("other", 0))
		f.initialize(2)
		f.expect(Drain{})
		f.expect(result(2, "high"), Finish{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
		f.expect(result(1, "low"), finishAndLeave(1, "low")...)
	})
	t.Run("a task is cancelled", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.do(taskOf("b", 0))
		f.expect(Drain{})
		f.expect(cancel("a", true), Signal{1, syscall.SIGTERM}, Fork{storage})
		f.expect(exited(1, 0), Gone{1}, Confirm{"a", protocol.Canceled}, Drained{}, TakeLeave{}, Quit{0})
	})
	t.Run("a processor dies", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.expect(Drain{})
		f.do(killed(1))
		f.initialize(2)
		f.expect(Stored{TaskID: "a"}, append([]Effect{
			Announce{"c", protocol.ObjectID{}},
			Finish{protocol.TaskResult{TaskID: "a", Type: protocol.Failed, Results: [][]byte{make([]byte, 32)}}},
		}, leaves(2)...)...)
	})
	t.Run("a task that its processor has not read is left to others", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.expect(Drain{})
		f.expect(TaskUnread{1}, leaves(1)...)
	})
	t.Run("without a connection the last result may not be sent yet", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("a", 0))
		f.expect(Drain{})
		f.do(Disconnected{})
		f.expect(result(1, "a"), Finish{resultOf("a")})
		f.expect(Connected{}, append([]Effect{Beat{f.agent.heartbeat()}}, leaves(1)...)...)
	})
}

// A task waits for others of its own, which are sent to its worker or to one that drains too.
func TestDrainOfNestedTasks(t *testing.T) {
	t.Run("they come to their parent's worker", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("parent", 0))
		f.do(taskOf("other", 0))
		f.expect(Drain{})
		f.expect(taskOf("child", 1), Suspended{1, true}, Signal{1, syscall.SIGUSR1}, Fork{storage})
		f.do(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "child"))
		f.expect(taskOf("sibling", 1))
		f.expect(result(2, "child"), Finish{resultOf("child")}, run(2, "sibling"))
		f.expect(result(2, "sibling"), Finish{resultOf("sibling")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
		f.expect(result(1, "parent"), finishAndLeave(1, "parent")...)
	})
	t.Run("they waited there", func(t *testing.T) {
		f := ready(t)
		f.do(taskOf("child", 1))
		f.do(taskOf("cousin", 1))
		f.do(taskOf("grandchild", 2))
		f.expect(Drain{})
		f.do(ProcessorStarted{2})
		f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "grandchild"))
		f.expect(result(2, "grandchild"), Finish{resultOf("grandchild")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
		f.expect(result(1, "child"), finishAndLeave(1, "child")...) // the cousin's parent is not here
	})
}

func TestUndrain(t *testing.T) {
	f := ready(t)
	f.do(taskOf("a", 0))
	f.do(taskOf("b", 0))
	f.do(taskOf("c", 0))
	f.expect(Drain{})
	f.expect(Undrain{})
	f.expect(result(1, "a"), Finish{resultOf("a")}, run(1, "b"))
	f.expect(Drain{})
	f.do(Disconnected{})
	f.expect(result(1, "b"), Finish{resultOf("b")})
	f.expect(Undrain{}, run(1, "c")) // which waited for nothing but that
	f.expect(Drain{})
	f.do(Connected{})
	f.expect(result(1, "c"), finishAndLeave(1, "c")...)
	f.expect(Undrain{}) // too late
	f.expect(exited(1, 0), Gone{1}, Quit{0})
}

// What a scheduler says before it hears of the end.
func TestCancelAfterTheEnd(t *testing.T) {
	f := ready(t)
	f.do(taskOf("a", 0))
	f.do(taskOf("b", 0))
	f.do(Terminate{})
	f.expect(cancel("b", false), Confirm{"b", protocol.Canceled})
	f.expect(cancel("b", false))
	f.expect(cancel("a", true), Confirm{"a", protocol.Canceled}) // nobody runs it any more
	f.expect(cancel("x", false))
	f.expect(taskOf("c", 0))
}
