package agent

import (
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

func TestTaskThatWasNotRead(t *testing.T) {
	f := ready(t)
	f.do(taskOf("a", 0))
	f.do(taskOf("b", 0))
	f.expect(TaskUnread{1})
	f.expect(killed(1), Gone{1}, Fork{storage})
	f.do(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "a"))
	f.expect(result(2, "a"), Finish{resultOf("a")}, run(2, "b"))
}

func TestProcessorThatHangsUp(t *testing.T) {
	f := ready(t)
	f.expect(ProcessorHungUp{1})
	f.expect(taskOf("a", 0), Busy{}) // waits for the next one
	f.do(echo())
	var killed bool
	for _, effect := range f.wait(hungUpTime) {
		killed = killed || effect == Signal{1, syscall.SIGKILL}
	}
	if !killed {
		t.Fatal("it is not killed")
	}
	f.expect(exited(1, 9), Gone{1}, Fork{storage})
}

// One processor after the other dies as soon as it is ready.
func TestProcessorsThatDieYoung(t *testing.T) {
	f := ready(t)
	f.expect(killed(1), Gone{1}, Fork{storage}) // it may be chance
	f.initialize(2)
	f.expect(killed(2), Gone{2})
	f.do(echo())
	f.wait(forkBackoff.Delay(1))
	f.initialize(3)
	f.do(taskOf("a", 0))
	f.do(result(3, "a"))
	f.expect(killed(3), Gone{3}, Fork{storage})
}
