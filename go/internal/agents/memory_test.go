package agents

import (
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

func TestMayExceed(t *testing.T) {
	const limit = 100
	now := time.Unix(1000, 0)
	weighed := memoryReading{at: now, proportional: 60, resident: 110}
	for name, test := range map[string]struct {
		memoryReading memoryReading
		later         time.Duration
		resident      uint64
		may           bool
	}{
		"below, even if all of it were its own": {resident: 100},
		"never weighed":                         {resident: 101, may: true},
		"as before":                             {memoryReading: weighed, resident: 110},
		"smaller":                               {memoryReading: weighed, resident: 105},
		"grown by all that was left":            {memoryReading: weighed, resident: 150},
		"grown by more":                         {memoryReading: weighed, resident: 151, may: true},
		"as before, for long":                   {memoryReading: weighed, later: measureInterval, resident: 110, may: true},
		"above before": {
			memoryReading: memoryReading{at: now, proportional: 120, resident: 200}, resident: 200, may: true,
		},
	} {
		if may := test.memoryReading.mayExceed(now.Add(test.later), test.resident, limit); may != test.may {
			t.Errorf("%s: %v", name, may)
		}
	}
}

// TestRecycleByMemory has a processor finish a task with memory limits below and above its usage.
func TestRecycleByMemory(t *testing.T) {
	if _, err := procfs.ProportionalBytes(procfs.Root, os.Getpid()); err != nil {
		t.Skip(err)
	}
	limited := func(limit int64) *bench {
		return newBench(t, func(s *Set) { s.options.Agent.Recycle.Memory = limit })
	}
	b := limited(1)
	scheduler, processor := b.busy(1, "a")
	processor.send(b.result("a"))
	scheduler.expect(tags.TaskResult)
	for {
		event := await(b, b.emitted)
		if event == (Idle{1}) { // measuring took longer than agent.IdleTime
			continue
		}
		retired, is := event.(ProcessorRetired)
		if !is || retired.Identity != "w" || retired.Pid != os.Getpid() || retired.Why != agent.RetiredByMemory {
			t.Fatalf("got %+v", event)
		}
		break
	}
	expect[host.Message](b, b.reported, host.Signal{Worker: 1, Pid: os.Getpid(), Signal: int(syscall.SIGTERM)})
	expect[host.Message](b, b.reported, host.Fork{Worker: 1, Storage: "tcp://127.0.0.1:1"})

	// With much shared memory, RSS may be above the limit and PSS below.
	b = limited(1 << 50)
	scheduler, processor = b.busy(1, "a")
	b.inLoop(func() {
		u := b.set.usage.processes[os.Getpid()]
		u.last.Resident, u.readAt = 1<<60, time.Now().Add(time.Hour)
	})
	scheduler.send(b.task("b"))
	processor.send(b.result("a"))
	processor.receive()
	scheduler.expect(tags.TaskResult)
	b.inLoop(func() {
		w := b.set.usage.processes[os.Getpid()].memoryReading
		if w.at.IsZero() || w.proportional == 0 || w.proportional > 1<<50 {
			t.Errorf("measured %+v", w)
		}
	})
}
