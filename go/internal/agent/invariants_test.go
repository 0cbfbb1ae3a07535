package agent

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

// world simulates a scheduler, a worker process and processors, which act in random order.
type world struct {
	*fake
	random      *rand.Rand
	forks       int
	lastPid     int
	alive       map[int]string  // processors with their tasks, "" for an idle one
	initialized map[int]bool    // those that have reported to be ready
	dying       map[int]bool    // those killed by a signal
	stopped     map[int]bool    // suspended
	asked       map[string]bool // unanswered tasks
	running     map[string]int
	cancels     map[string]int // unanswered
	failures    []string
	left        bool
	quit        bool
	lastTask    int
	heavy       []int // their memory is being measured
	priority    map[string]int32
	draining    bool
}

func (w *world) give(event Event) {
	for _, effect := range w.handle(event) {
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
			w.t.Fatalf("signal %v for unknown processor %d", e.Signal, e.Pid)
		}
		switch e.Signal {
		case syscall.SIGKILL, syscall.SIGTERM:
			w.dying[e.Pid] = true
		case syscall.SIGUSR1:
			w.stopped[e.Pid] = true
		}
	case Resume:
		if !w.stopped[e.Pid] {
			w.t.Fatalf("processor %d is resumed but was not suspended", e.Pid)
		}
		w.stopped[e.Pid] = false
	case Run:
		before, there := w.alive[e.Pid]
		if !there || before != "" || !w.initialized[e.Pid] || w.dying[e.Pid] || w.stopped[e.Pid] {
			w.t.Fatalf("task %s for processor %d: alive %t, its task %q", e.TaskID, e.Pid, there, before)
		}
		if w.running[e.TaskID]++; w.running[e.TaskID] > 1 {
			w.t.Fatalf("task %s runs twice", e.TaskID)
		}
		w.alive[e.Pid] = e.TaskID
		if w.draining {
			w.checkStart(e.TaskID)
		}
	case SendResult:
		w.answered(e.Result.TaskID)
	case Retired:
		if task, there := w.alive[e.Pid]; !there || task != "" || w.stopped[e.Pid] || w.dying[e.Pid] {
			w.t.Fatalf("processor %d is replaced: alive %t, its task %q", e.Pid, there, task)
		}
	case ConfirmCancel:
		if w.cancels[e.TaskID]--; w.cancels[e.TaskID] < 0 {
			w.t.Fatalf("unexpected confirmation of the cancel of %s", e.TaskID)
		}
		if e.What == protocol.Canceled {
			w.answered(e.TaskID)
		}
	case StoreError:
		w.failures = append(w.failures, e.TaskID)
	case Drained:
		for id := range w.asked {
			if w.running[id] > 0 {
				w.t.Fatalf("it disconnects while task %s is unfinished", id)
			}
		}
	case Disconnect:
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

// checkStart checks that a task that starts while draining may be a child of a suspended one.
func (w *world) checkStart(id string) {
	for other := range w.asked {
		if w.running[other] > 0 && w.priority[other] < w.priority[id] {
			return
		}
	}
	w.t.Fatalf("task %s starts, but no task of a lower priority is suspended", id)
}

// pick returns a random processor that satisfies is; 0 if there is none.
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
			w.give(ForkFailed{"no memory"})
			return
		}
		w.lastPid++
		w.alive[w.lastPid] = ""
		w.give(ProcessorStarted{w.lastPid})
	case choice <= 5:
		if pid := w.pick(func(p int) bool { return !w.initialized[p] && !w.dying[p] }); pid > 0 {
			w.initialized[pid] = true
			w.give(FromProcessor{pid, protocol.ProcessorInitialized{}})
		}
	case choice <= 8:
		// A suspended processor may have sent its result before it was suspended.
		if pid := w.pick(func(p int) bool { return w.alive[p] != "" }); pid > 0 {
			id := w.alive[pid]
			w.alive[pid] = ""
			if w.agent.options.Recycle.Memory > 0 && w.random.IntN(4) == 0 {
				w.give(MeasuringMemory{pid})
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
		w.give(ErrorStored{TaskID: id})
	case choice == 13 && len(w.heavy) > 0:
		pid := w.heavy[0]
		w.heavy = w.heavy[1:]
		w.give(MemoryMeasured{pid, w.random.Int64N(3)})
	case choice == 12:
		w.now = w.now.Add(time.Duration(w.random.IntN(int(interval))))
		w.give(Tick{})
		w.give(echo())
	}
}

// newWorld returns a world whose agent is registered.
func newWorld(t *testing.T, seed uint64) *world {
	w := &world{
		fake: newFake(t, func(o *Options) {
			if seed%2 == 1 {
				o.Recycle = Limits{Tasks: 4, Age: time.Minute, Memory: 1}
			}
		}), random: rand.New(rand.NewPCG(seed, 1)), alive: map[int]string{}, initialized: map[int]bool{},
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

// TestInvariants feeds random events: every task is answered once, none runs twice, no processor gets a task that it
// cannot take, and nothing is left at the end.
func TestInvariants(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			w.steps(500, false)
			w.steps(4000, true)
			for id, count := range w.cancels {
				if count != 0 {
					t.Errorf("the cancel of %s is unanswered", id)
				}
			}
			if len(w.asked) > 0 {
				t.Fatalf("unanswered tasks: %v; agent %+v", w.asked, w.agent)
			}
			w.give(Terminate{})
			w.steps(1000, true)
			if !w.quit || !w.left {
				t.Fatalf("the agent does not quit: %+v", w.agent)
			}
		})
	}
}

// TestInvariantsOfDraining drains the agent meanwhile: it starts only tasks that a suspended one may wait for, has
// finished all that it started when it disconnects, and quits although tasks keep arriving.
func TestInvariantsOfDraining(t *testing.T) {
	for seed := range uint64(300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, seed)
			w.steps(int(seed), false)
			for seed%3 == 0 && !w.quit && !w.draining { // sometimes it is undrained
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
				t.Fatalf("the agent does not quit: %+v", w.agent)
			}
		})
	}
}
