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

// retires are the effects of replacing processor pid.
func retires(pid int, why, text string) []Effect {
	return []Effect{Retired{pid, why, text}, Signal{pid, syscall.SIGTERM}, Fork{storage}}
}

func TestRecycleByTasks(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 2}))
	f.do(taskOf("a", 0))
	f.do(taskOf("b", 0))
	f.do(taskOf("c", 0))
	f.expect(result(1, "a"), Finish{resultOf("a")}, run(1, "b"))
	f.expect(result(1, "b"), append([]Effect{Finish{resultOf("b")}}, retires(1, RetiredByTasks, "recycled after 2 tasks")...)...)
	f.do(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "c")) // while the first one ends
	f.expect(exited(1, 0), Gone{1})
	f.expect(result(2, "c"), Finish{resultOf("c")})
	f.expect(taskOf("d", 0), run(2, "d"))
	f.expect(result(2, "d"), append([]Effect{Finish{resultOf("d")}}, retires(2, RetiredByTasks, "recycled after 2 tasks")...)...)
}

// A task that is cancelled ends its processor anyway, and one whose result comes from a suspended processor too.
func TestRecycleNotTwice(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1}))
	f.do(taskOf("a", 0))
	f.do(cancel("a", true))
	f.expect(result(1, "a"))
	f.initialize(2)
	f.do(taskOf("low", 0))
	f.do(taskOf("high", 1))
	f.expect(result(2, "low"), Finish{resultOf("low")}, Signal{2, syscall.SIGKILL})
}

// What is suspended goes on in the processor that has it, whatever its limits.
func TestRecycleLeavesSuspendedAlone(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1, Age: time.Minute}))
	f.do(taskOf("low", 0))
	f.do(taskOf("high", 1))
	f.initialize(2)
	f.now = f.now.Add(time.Hour)
	f.do(echo())
	f.expect(result(2, "high"), Finish{resultOf("high")}, Signal{2, syscall.SIGTERM}, Suspended{1, false}, Resume{1})
	f.expect(result(1, "low"), append([]Effect{Finish{resultOf("low")}}, retires(1, RetiredByTasks, "recycled after 1 tasks")...)...)
}

func TestRecycleByAge(t *testing.T) {
	const limit = 1000 * time.Second
	keepAlive := func(o *Options) { o.DeathTimeout = time.Hour }
	age := ageOf(limit, "w")
	f := ready(t, recycling(Limits{Age: limit}), keepAlive)
	f.do(taskOf("a", 0))
	f.wait(age + time.Second) // a task that runs is let alone
	f.do(echo())
	if got := f.do(result(1, "a")); len(got) != 4 || got[1].(Retired).Why != RetiredByAge {
		t.Fatalf("after the task: %+v", got)
	}
	f.initialize(2)
	if due := f.agent.Deadline(); due.After(f.now.Add(age)) {
		t.Fatalf("nobody looks at the age before %s", due)
	}
	got := f.wait(age)
	if i := slices.IndexFunc(got, func(e Effect) bool { _, is := e.(Retired); return is }); i < 0 || got[i+1] != (Signal{2, syscall.SIGTERM}) || got[i+2] != (Fork{storage}) {
		t.Fatalf("without a task: %+v", got)
	}
	// While the next one is on its way, and before it is ready, there is nothing to replace.
	f.do(ProcessorStarted{3})
	for _, effect := range f.wait(2 * age) {
		if retired, is := effect.(Retired); is {
			t.Fatalf("%+v", retired)
		}
	}
	if got := f.do(FromProcessor{3, protocol.ProcessorInitialized{}}); len(got) > 0 {
		t.Fatalf("%+v", got)
	}
	if got := f.do(Tick{}); len(got) != 3 {
		t.Fatalf("one that took long to start: %+v", got)
	}
}

func TestRecycleByMemory(t *testing.T) {
	f := ready(t, recycling(Limits{Memory: 100 << 20}))
	f.do(taskOf("a", 0))
	f.do(taskOf("b", 0))
	f.do(taskOf("c", 0))
	f.expect(Heavy{1})
	f.expect(result(1, "a"), Finish{resultOf("a")}) // the next one waits
	f.expect(Weighed{1, 100 << 20}, run(1, "b"))
	f.expect(Heavy{1})
	f.expect(result(1, "b"), Finish{resultOf("b")})
	f.expect(Weighed{1, 150 << 20}, retires(1, RetiredByMemory, "recycled with 150 MiB of memory")...)
	f.do(ProcessorStarted{2})
	f.expect(FromProcessor{2, protocol.ProcessorInitialized{}}, run(2, "c"))
	f.expect(Heavy{2})
	f.expect(killed(2), Gone{2}, StoreFailure{"c", "c", "process_status='zombie' exitcode=-9 (SIGKILL)", storage}, Fork{storage})
	f.expect(Weighed{2, 1 << 40}) // it is no more
	f.expect(Heavy{7})
}

// A worker that ends begins nothing.
func TestRecycleNothingAtTheEnd(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1}))
	f.do(taskOf("a", 0))
	f.do(Terminate{})
	f.expect(result(1, "a"))
	f.expect(exited(1, 0), Gone{1}, Quit{0})
}

// Each worker has an age of its own, the same at every time, within a tenth.
func TestAges(t *testing.T) {
	const limit = time.Hour
	ages := map[time.Duration]bool{}
	for _, identity := range []string{"NAT|host|0001", "NAT|host|0002", "NAT|host|0003", "NAT|host|0004"} {
		age := ageOf(limit, identity)
		if age > limit || age < limit-limit/10 || age != ageOf(limit, identity) {
			t.Errorf("%s: %s", identity, age)
		}
		ages[age] = true
	}
	if len(ages) < 4 {
		t.Errorf("ages %v", ages)
	}
	if got := ageOf(0, "x"); got != 0 {
		t.Errorf("no limit became %s", got)
	}
}

// A worker that drains needs no new processor, unless it is to stay after all.
func TestRecycleNothingWhileDraining(t *testing.T) {
	f := ready(t, recycling(Limits{Tasks: 1, Age: time.Second}))
	f.do(taskOf("a", 0))
	f.do(taskOf("b", 0))
	f.do(Drain{})
	f.do(Disconnected{})
	f.expect(result(1, "a"), Finish{resultOf("a")})
	f.expect(Undrain{}, run(1, "b"))
	f.expect(result(1, "b"), append([]Effect{Finish{resultOf("b")}}, retires(1, RetiredByTasks, "recycled after 2 tasks")...)...)
	f = ready(t, recycling(Limits{Tasks: 1}))
	f.do(taskOf("a", 0))
	f.do(Drain{})
	f.expect(result(1, "a"), finishAndLeave(1, "a")...)
}
