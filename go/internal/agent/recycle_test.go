package agent

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

func recycling(limits Limits) func(*Options) {
	return func(o *Options) { o.Recycle = limits }
}

// retires returns the effects of replacing a processor.
func retires(pid int, why, text string) []Effect {
	return []Effect{Retired{pid, why, text}, Signal{pid, syscall.SIGTERM}, Fork{storage}}
}

func TestRecycleByTasks(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 2}))
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.handle(taskOf("c", 0))
	f.expect(result(1, "a"), SendResult{resultOf("a")}, run(1, "b"))
	f.expect(
		result(1, "b"),
		append([]Effect{SendResult{resultOf("b")}}, retires(1, RetiredByTasks, "recycled after 2 tasks")...)...,
	)
	f.handle(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "c")) // while the first one ends
	f.expect(exited(1, 0), ProcessorGone{1})
	f.expect(result(2, "c"), SendResult{resultOf("c")})
	f.expect(taskOf("d", 0), run(2, "d"))
	f.expect(
		result(2, "d"),
		append([]Effect{SendResult{resultOf("d")}}, retires(2, RetiredByTasks, "recycled after 2 tasks")...)...,
	)
}

// A cancelled task, or a result from a suspended processor, stops the processor anyway.
func TestRecycleNotTwice(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1}))
	f.handle(taskOf("a", 0))
	f.handle(cancel("a", true))
	f.expect(result(1, "a"))
	f.initialize(2)
	f.handle(taskOf("low", 0))
	f.handle(taskOf("high", 1))
	f.expect(result(2, "low"), SendResult{resultOf("low")}, Signal{2, syscall.SIGKILL})
}

// A suspended task resumes in its processor, whatever the limits.
func TestRecycleSparesSuspendedTasks(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1, Age: time.Minute}))
	f.handle(taskOf("low", 0))
	f.handle(taskOf("high", 1))
	f.initialize(2)
	f.now = f.now.Add(time.Hour)
	f.handle(echo())
	f.expect(result(2, "high"), SendResult{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
	f.expect(
		result(1, "low"),
		append([]Effect{SendResult{resultOf("low")}}, retires(1, RetiredByTasks, "recycled after 1 tasks")...)...,
	)
}

func TestRecycleByAge(t *testing.T) {
	const limit = 1000 * time.Second
	keepAlive := func(o *Options) { o.DeathTimeout = time.Hour }
	age := staggeredAge(limit, "w")
	f := ready(t, recycling(Limits{Age: limit}), keepAlive)
	f.handle(taskOf("a", 0))
	f.wait(age + time.Second) // a running task is not interrupted
	f.handle(echo())
	if got := f.handle(result(1, "a")); len(got) != 4 || got[1].(Retired).Why != RetiredByAge {
		t.Fatalf("after the task: %+v", got)
	}
	f.initialize(2)
	if due := f.agent.Deadline(); due.After(f.now.Add(age)) {
		t.Fatalf("the age is not checked before %s", due)
	}
	got := f.wait(age)
	i := slices.IndexFunc(got, func(e Effect) bool { _, is := e.(Retired); return is })
	if i < 0 || got[i+1] != (Signal{2, syscall.SIGTERM}) || got[i+2] != (Fork{storage}) {
		t.Fatalf("without a task: %+v", got)
	}
	// Nothing is replaced while the next processor is starting.
	f.handle(ProcessorStarted{3})
	for _, effect := range f.wait(2 * age) {
		if retired, is := effect.(Retired); is {
			t.Fatalf("%+v", retired)
		}
	}
	if got := f.handle(FromProcessor{3, protocol.ProcessorInitialized{}}); len(got) > 0 {
		t.Fatalf("%+v", got)
	}
	if got := f.handle(Tick{}); len(got) != 3 {
		t.Fatalf("after a slow start: %+v", got)
	}
}

func TestRecycleByMemory(t *testing.T) {
	f := ready(t, recycling(Limits{Memory: 100 << 20}))
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.handle(taskOf("c", 0))
	f.expect(MeasuringMemory{1})
	f.expect(result(1, "a"), SendResult{resultOf("a")}) // the next task waits
	f.expect(MemoryMeasured{1, 100 << 20}, run(1, "b"))
	f.expect(MeasuringMemory{1})
	f.expect(result(1, "b"), SendResult{resultOf("b")})
	f.expect(MemoryMeasured{1, 150 << 20}, retires(1, RetiredByMemory, "recycled with 150 MiB of memory")...)
	f.handle(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "c"))
	f.expect(MeasuringMemory{2})
	f.expect(
		killed(2), ProcessorGone{2}, StoreError{"c", "c", "process_status='zombie' exitcode=-9 (SIGKILL)", storage},
		Fork{storage},
	)
	f.expect(MemoryMeasured{2, 1 << 40}) // it has exited
	f.expect(MeasuringMemory{7})
}

// A worker that quits replaces no processor.
func TestNoRecycleWhileQuitting(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1}))
	f.handle(taskOf("a", 0))
	f.handle(Terminate{})
	f.expect(result(1, "a"))
	f.expect(exited(1, 0), ProcessorGone{1}, Quit{0})
}

// Each worker has its own age limit, at most 10% shorter, and always the same.
func TestAges(t *testing.T) {
	const limit = time.Hour
	ages := map[time.Duration]bool{}
	for _, identity := range []string{"NAT|host|0001", "NAT|host|0002", "NAT|host|0003", "NAT|host|0004"} {
		age := staggeredAge(limit, identity)
		if age > limit || age < limit-limit/10 || age != staggeredAge(limit, identity) {
			t.Errorf("%s: %s", identity, age)
		}
		ages[age] = true
	}
	if len(ages) < 4 {
		t.Errorf("ages %v", ages)
	}
	if got := staggeredAge(0, "x"); got != 0 {
		t.Errorf("without a limit: %s", got)
	}
}

// A draining worker needs no new processor, until it is undrained.
func TestNoRecycleWhileDraining(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1, Age: time.Second}))
	f.handle(taskOf("a", 0))
	f.handle(taskOf("b", 0))
	f.handle(Drain{})
	f.handle(Disconnected{})
	f.expect(result(1, "a"), SendResult{resultOf("a")})
	f.expect(Undrain{}, run(1, "b"))
	f.expect(
		result(1, "b"),
		append([]Effect{SendResult{resultOf("b")}}, retires(1, RetiredByTasks, "recycled after 2 tasks")...)...,
	)
	f = ready(t, recycling(Limits{Tasks: 1}))
	f.handle(taskOf("a", 0))
	f.handle(Drain{})
	f.expect(result(1, "a"), finishAndLeave(1, "a")...)
}
