package agents

import (
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/spares"
)

// TestSpares has a worker get a spare processor, report it, use it and lose it.
func TestSpares(t *testing.T) {
	b := newBench(t, func(s *Set) { s.options.Spares, s.spares = 1, newSpareKeeper(1) })
	b.ready(1)
	if asked, ok := await(b, b.reported).(host.MakeSpare); !ok || asked.Worker != 1 {
		t.Fatalf("requested %+v", asked)
	}
	waiting := spares.Spare{Worker: 1, Pid: os.Getppid(), Parent: 1001}
	b.set.Handle(host.Spare{Worker: 1, Pid: waiting.Pid, Parent: waiting.Parent, State: host.SpareReady})
	for reported := (Spares{}); reported.Bytes == 0; { // first the count, then the size
		if reported = await(b, b.emitted).(Spares); reported.Of(1) != waiting.Pid || reported.Of(2) != 0 {
			t.Fatalf("emitted %+v", reported)
		}
	}
	b.set.do(func() {
		with := b.set.heartbeat(agent.Heartbeat{}).Agent.Memory
		clear(b.set.spares.bytes)
		if without := b.set.heartbeat(agent.Heartbeat{}).Agent.Memory; with <= without {
			t.Errorf("heartbeats report %d bytes with a spare processor, %d without", with, without)
		}
	})
	b.set.MemoryTight(1)
	expect[host.Message](b, b.reported, host.DropSpare{Worker: 1})
	if reported := await(b, b.emitted).(Spares); len(reported.Waiting) > 0 || reported.Bytes > 0 {
		t.Fatalf("emitted %+v", reported)
	}
}
