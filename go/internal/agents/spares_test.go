package agents

import (
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/spares"
)

// TestSpares has a worker keep a spare processor, tell of it, take it and lose it.
func TestSpares(t *testing.T) {
	b := newBench(t, func(s *Set) { s.options.Spares, s.spares = 1, newKeeping(1) })
	b.ready(1)
	if asked, ok := await(b, b.told).(host.MakeSpare); !ok || asked.Worker != 1 {
		t.Fatalf("asked for %+v", asked)
	}
	waiting := spares.Spare{Worker: 1, Pid: os.Getppid(), Parent: 1001}
	b.set.Handle(host.Spare{Worker: 1, Pid: waiting.Pid, Parent: waiting.Parent, State: host.SpareReady})
	for told := (Spares{}); told.Bytes == 0; { // first how many, then how large
		if told = await(b, b.emitted).(Spares); told.Of(1) != waiting.Pid || told.Of(2) != 0 {
			t.Fatalf("told of %+v", told)
		}
	}
	b.set.do(func() {
		with := b.set.heartbeat(agent.Heartbeat{}).Agent.Memory
		clear(b.set.spares.bytes)
		if without := b.set.heartbeat(agent.Heartbeat{}).Agent.Memory; with <= without {
			t.Errorf("heartbeats tell of %d bytes with a spare processor, and of %d without", with, without)
		}
	})
	b.set.Tight(1)
	expect[host.Message](b, b.told, host.DropSpare{Worker: 1})
	if told := await(b, b.emitted).(Spares); len(told.Waiting) > 0 || told.Bytes > 0 {
		t.Fatalf("told of %+v", told)
	}
}
