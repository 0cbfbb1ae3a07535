package agent

import (
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

func TestTaskThatWasNotRead(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.expect(TaskUnread{1})
	f.expect(killed(1), ProcessorGone{1}, Fork{storage})
	f.handle(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "a"))
	f.expect(result(2, "a"), SendResult{resultOf("a")}, run(2, "b"))
}

func TestProcessorThatHangsUp(t *testing.T) {
	f := ready(t)
	f.expect(ProcessorHungUp{1})
	f.expect(taskOf("a", 0), Busy{}) // waits for the next processor
	f.handle(echo())
	var killed bool
	for _, effect := range f.wait(hangUpTimeout) {
		killed = killed || effect == Signal{1, syscall.SIGKILL}
	}
	if !killed {
		t.Fatal("the processor is not killed")
	}
	f.expect(exited(1, 9), ProcessorGone{1}, Fork{storage})
}

// Each processor dies as soon as it is ready.
func TestProcessorsThatDieEarly(t *testing.T) {
	f := ready(t)
	f.expect(killed(1), ProcessorGone{1}, Fork{storage}) // the first death may be an accident
	f.initialize(2)
	f.expect(killed(2), ProcessorGone{2})
	f.handle(echo())
	f.wait(forkBackoff.Delay(1))
	f.initialize(3)
	f.handle(taskOf("a", 0))
	f.handle(result(3, "a"))
	f.expect(killed(3), ProcessorGone{3}, Fork{storage})
}
