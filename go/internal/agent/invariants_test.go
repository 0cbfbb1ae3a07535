package agent

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

// world is a scheduler, a worker's process and processors that behave as real ones do, in an order that chance has.
type world struct {
	*fake
	random   *rand.Rand
	forks    int
	lastPid  int
	alive    map[int]string  // processors with their tasks, "" for an idle one
	greeted  map[int]bool    // they have said that they are ready
	dying    map[int]bool    // a signal has killed them
	stopped  map[int]bool    // suspended
	asked    map[string]bool // tasks that have no answer yet
	running  map[string]int
	cancels  map[string]int // without an answer
	failures []string
	left     bool
	quit     bool
	lastTask int
	heavy    []int // they are being weighed
	priority map[string]int32
	draining bool
}

func (w *world) give(event Event) {
	for _, effect := range w.do(event) {
		w.carryOut(effect)
	}
}

func (w *world) carryOut(effect Effect) {
	w.t.Helper()
	if w.quit {
		w.t.Fatalf("%T after Quit", effect)
	}
	switch e := effect.(type) {
	case Fork:
		w.forks++
	case Signal:
		if _, there := w.alive[e.Pid]; !there {
			w.t.Fatalf("signal %v for processor %d, which is not there", e.Signal, e.Pid)
		}
		switch e.Signal {
		case syscall.SIGKILL, syscall.SIGTERM:
			w.dying[e.Pid] = true
		case syscall.SIGUSR1:
			w.stopped[e.Pid] = true
		}
	case Resume:
		if !w.stopped[e.Pid] {
			w.t.Fatalf("processor %d goes on and was not suspended", e.Pid)
		}
		w.stopped[e.Pid] = false
	case Run:
		if before, there := w.alive[e.Pid]; !there || before != "" || !w.greeted[e.Pid] || w.dying[e.Pid] || w.stopped[e.Pid] {
			w.t.Fatalf("task %s for processor %d: there %v, its task %q", e.TaskID, e.Pid, there, before)
		}
		if w.running[e.TaskID]++; w.running[e.TaskID] > 1 {
			w.t.Fatalf("task %s runs twice", e.TaskID)
		}
		w.alive[e.Pid] = e.TaskID
		if w.draining {
			w.checkBegin(e.TaskID)
		}
	case Finish:
		w.answered(e.Result.TaskID)
	case Retired:
		if task, there := w.alive[e.Pid]; !there || task != "" || w.stopped[e.Pid] || w.dying[e.Pid] {
			w.t.Fatalf("processor %d is replaced: there %v, its task %q", e.Pid, there, task)
		}
	case Confirm:
		if w.cancels[e.TaskID]--; w.cancels[e.TaskID] < 0 {
			w.t.Fatalf("a confirmation of %s that nobody asked for", e.TaskID)
		}
		if e.What == protocol.Canceled {
			w.answered(e.TaskID)
		}
	case StoreFailure:
		w.failures = append(w.failures, e.TaskID)
	case Drained:
		for id := range w.asked {
			if w.running[id] > 0 {
				w.t.Fatalf("it leaves with task %s, which has begun", id)
			}
		}
	case TakeLeave:
		w.left = true
	case Quit:
		w.quit = true
	}
}

func (w *world) answered(id string) {
	if !w.asked[id] {
		w.t.Fatalf("task %s has two answers", id)
	}
	delete(w.asked, id)
}

// checkBegin wants a task that begins while the worker drains to be one for which another one may wait here.
func (w *world) checkBegin(id string) {
	for other := range w.asked {
		if w.running[other] > 0 && w.priority[other] < w.priority[id] {
			return
		}
	}
	w.t.Fatalf("task %s begins, though nothing of a lower priority has", id)
}

// pick is one of the processors for which is says so; 0 when there is none.
func (w *world) pick(is func(pid int) bool) int {
	for pid := 1; pid <= w.lastPid; pid++ {
		if _, there := w.alive[pid]; there && is(pid) && w.random.IntN(2) == 0 {
			return pid
		}
	}
	return 0
}

func (w *world) end(pid, status int) {
	delete(w.alive, pid)
	w.give(ProcessorEnded{pid, syscall.WaitStatus(status)})
}

func (w *world) step(calm bool) {
	any := func(int) bool { return true }
	switch choice := w.random.IntN(14); {
	case choice == 0 && !calm:
		w.lastTask++
		id := fmt.Sprint("t", w.lastTask)
		w.asked[id], w.priority[id] = true, int32(w.random.IntN(3))
		w.give(taskOf(id, w.priority[id]))
	case choice == 1 && !calm && w.lastTask > 0:
		id := fmt.Sprint("t", 1+w.random.IntN(w.lastTask))
		w.cancels[id]++
		w.give(cancel(id, w.random.IntN(2) == 0))
	case choice == 2 && !calm:
		if pid := w.pick(any); pid > 0 && w.random.IntN(4) == 0 {
			w.end(pid, 9)
		}
	case choice == 3 && w.forks > 0:
		w.forks--
		if !calm && w.random.IntN(8) == 0 {
			w.give(NotForked{"no memory"})
			return
		}
		w.lastPid++
		w.alive[w.lastPid] = ""
		w.give(ProcessorStarted{w.lastPid})
	case choice <= 5:
		if pid := w.pick(func(p int) bool { return !w.greeted[p] && !w.dying[p] }); pid > 0 {
			w.greeted[pid] = true
			w.give(FromProcessor{pid, protocol.ProcessorInitialized{}})
		}
	case choice <= 8:
		// Also a suspended one may have sent its result before.
		if pid := w.pick(func(p int) bool { return w.alive[p] != "" }); pid > 0 {
			id := w.alive[pid]
			w.alive[pid] = ""
			if w.agent.options.Recycle.Memory > 0 && w.random.IntN(4) == 0 {
				w.give(Heavy{pid})
				w.heavy = append(w.heavy, pid)
			}
			w.give(result(pid, id))
		}
	case choice == 9:
		if pid := w.pick(func(p int) bool { return w.dying[p] }); pid > 0 {
			w.end(pid, 0)
		}
	case choice == 11 && len(w.failures) > 0:
		id := w.failures[0]
		w.failures = w.failures[1:]
		w.give(Stored{TaskID: id})
	case choice == 13 && len(w.heavy) > 0:
		pid := w.heavy[0]
		w.heavy = w.heavy[1:]
		w.give(Weighed{pid, w.random.Int64N(3)})
	case choice == 12:
		w.now = w.now.Add(time.Duration(w.random.IntN(int(interval))))
		w.give(Tick{})
		w.give(echo())
	}
}

// newWorld is one whose agent is registered.
func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		fake: newFake(t, func(o *Options) {
			if seed%2 == 1 {
				o.Recycle = Limits{Tasks: 4, Age: time.Minute, Memory: 1}
			}
		}), random: rand.New(rand.NewPCG(seed, 1)), alive: map[int]string{}, greeted: map[int]bool{},
		dying: map[int]bool{}, stopped: map[int]bool{}, asked: map[string]bool{}, priority: map[string]int32{},
		running: map[string]int{}, cancels: map[string]int{},
	}
	w.give(Connected{})
	w.give(echo())
	return w
}

func (w *world) steps(count int, calm bool) {
	for range count {
		if !w.quit {
			w.step(calm)
		}
	}
}

// TestInvariants has chance choose what happens: every task has one answer, none runs twice, no processor is given a
// task that it cannot take, and nothing is left in the end.
func TestInvariants(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			w.steps(500, false)
			w.steps(4000, true)
			for id, count := range w.cancels {
				if count != 0 {
					t.Errorf("cancel of %s has no answer", id)
				}
			}
			if len(w.asked) > 0 {
				t.Fatalf("tasks without an answer: %v; agent %+v", w.asked, w.agent)
			}
			w.give(Terminate{})
			w.steps(1000, true)
			if !w.quit || !w.left {
				t.Fatalf("it does not end: %+v", w.agent)
			}
		})
	}
}

// TestInvariantsOfDraining has an agent drain in the middle of that: it begins nothing but what others may wait for,
// leaves with nothing that has begun, and ends, though tasks go on coming.
func TestInvariantsOfDraining(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			w.steps(int(seed), false)
			for seed%3 == 0 && !w.quit && !w.draining { // as often as not it is to stay after all
				w.draining = true
				w.give(Drain{})
				w.steps(20, false)
				if w.random.IntN(2) == 0 && !w.quit {
					w.draining = false
					w.give(Undrain{})
					w.steps(20, false)
				}
			}
			if !w.quit {
				w.draining = true
				w.give(Drain{})
			}
			w.steps(100, false)
			w.steps(4000, true)
			if !w.quit || !w.left {
				t.Fatalf("it does not end: %+v", w.agent)
			}
		})
	}
}
