package agent

import (
	"reflect"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

func TestStatistics(t *testing.T) {
	f := ready(t)
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.handle(taskOf("c", 0))
	f.now = f.now.Add(20 * time.Millisecond)
	f.handle(result(1, "a"))
	f.handle(result(1, "a")) // counts once
	f.now = f.now.Add(20 * time.Millisecond)
	f.handle(FromProcessor{1, protocol.TaskResult{TaskID: "b", Type: protocol.Failed}})
	f.handle(taskOf("d", 0))
	f.handle(FromScheduler{protocol.TaskCancel{TaskID: "d"}}) // it is queued
	f.handle(FromScheduler{protocol.TaskCancel{TaskID: "c"}}) // without force: it keeps running
	f.handle(FromScheduler{protocol.TaskCancel{TaskID: "c", Force: true}})
	f.handle(ProcessorEnded{1, 0})
	f.initialize(2)
	f.handle(taskOf("e", 0))
	f.handle(ProcessorEnded{2, syscall.WaitStatus(syscall.SIGKILL)})
	died := []ProcessorDied{{2, syscall.WaitStatus(syscall.SIGKILL), "SIGKILL, task_id=65"}}
	if !reflect.DeepEqual(f.died, died) {
		t.Errorf("died: %+v, want %+v", f.died, died)
	}

	s := f.agent.Statistics()
	if s.Succeeded != 1 || s.Failed != 1 || s.Cancelled != 2 || s.Died != 1 {
		t.Errorf("%+v", s)
	}
	want := Histogram{Sum: 40 * time.Millisecond}
	want.Counts[3] = 2 // 20 ms each, above 10 ms
	if s.Runs != want {
		t.Errorf("durations: %+v", s.Runs)
	}
	want = Histogram{Sum: 60 * time.Millisecond}
	want.Counts[0], want.Counts[3] = 2, 2 // a and e at once, b after 20 ms and c after 40 ms
	if s.Waits != want {
		t.Errorf("waits: %+v", s.Waits)
	}
	sum := *s
	sum.Add(s)
	if sum.Succeeded != 2 || sum.Waits.Sum != 120*time.Millisecond || sum.Waits.Counts[3] != 4 {
		t.Errorf("twice that: %+v", sum)
	}
}

func TestHistogramEnds(t *testing.T) {
	var h Histogram
	h.observe(0)
	h.observe(Bounds[0])
	h.observe(Bounds[0] + 1)
	h.observe(Bounds[len(Bounds)-1])
	h.observe(Bounds[len(Bounds)-1] + 1)
	if h.Counts[0] != 2 || h.Counts[1] != 1 || h.Counts[len(Bounds)-1] != 1 || h.Counts[len(Bounds)] != 1 {
		t.Errorf("%+v", h)
	}
}

func TestView(t *testing.T) {
	f := newFake(t)
	f.handle(Start{})
	f.handle(Connected{})
	f.handle(echo())
	state := func() (states []string) {
		for _, p := range f.agent.View().Processors {
			states = append(states, p.State)
		}
		return states
	}
	expect := func(queued, running int, states ...string) {
		t.Helper()
		if v := f.agent.View(); v.Queued != queued || v.Running != running || !reflect.DeepEqual(state(), states) {
			t.Errorf("%+v", v)
		}
	}
	expect(0, 0)
	f.handle(ProcessorStarted{1})
	expect(0, 0, "starting")
	f.handle(FromProcessor{1, protocol.ProcessorInitialized{}})
	expect(0, 0, "idle")
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	expect(1, 1, "running")
	f.handle(taskOf("c", 1)) // suspends a
	f.initialize(2)
	expect(1, 2, "suspended", "running")
	f.handle(FromScheduler{protocol.TaskCancel{TaskID: "c", Force: true}})
	expect(1, 2, "suspended", "ending")
	if p := f.agent.View().Processors[0]; p.Task == nil || p.Task.ID != "a" || p.Tasks != 0 {
		t.Errorf("%+v", p)
	}
}
