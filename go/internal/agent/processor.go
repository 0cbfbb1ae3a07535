package agent

import (
	"fmt"
	"slices"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// processor is a process that runs tasks.
type processor struct {
	pid         int
	initialized bool
	worked      bool // it was given a task
	finished    uint64
	begun       time.Time
	task        *task
	state       state
	ending      bool      // it was told to end
	lost        bool      // its connection has ended
	killAt      time.Time // when it is killed for not ending; zero when it is not to be
	weighing    bool      // its memory is being measured
	memory      int64     // when it was measured last
}

type state int

const (
	running state = iota
	suspended
)

func (p *processor) suspended() bool { return p.state == suspended }

// fork has another processor made, which becomes the current one.
func (a *Agent) fork() {
	a.current = nil
	if a.forking || a.quitting || !a.options.Storage && a.storage == "" || a.forkAt.After(a.now) {
		return
	}
	a.forking, a.forkedFor = true, a.storage
	a.do(Fork{a.storage})
}

func (e ProcessorStarted) apply(a *Agent) {
	a.forking = false
	p := &processor{pid: e.Pid, begun: a.now}
	a.processors[e.Pid] = p
	a.logOf(p, logging.Info, "start Processor[%d]")
	if a.quitting {
		a.kill(p)
		return
	}
	if a.forkedFor != a.storage {
		a.stop(p, anotherStorage)
		a.fork()
		return
	}
	a.current = p
}

func (e NotForked) apply(a *Agent) {
	a.forking = false
	a.log(logging.Error, "cannot fork a processor: %s", e.Error)
	a.retryFork()
}

// retryFork has the next processor wait, longer each time: what keeps one from coming to be, such as a preload that
// fails, keeps the next one as well.
func (a *Agent) retryFork() {
	a.forkFails++
	wait := forkBackoff.Delay(a.forkFails - 1)
	a.log(logging.Warning, "the next processor is forked in %.1f s", wait.Seconds())
	a.forkAt = a.now.Add(wait)
	a.current = nil
}

// youngTime is how long a processor lives that whatever ends young ones does not end.
const youngTime = time.Minute

var forkBackoff = backoff.Policy{First: 100 * time.Millisecond, Last: 30 * time.Second}

func (e FromProcessor) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil {
		return
	}
	switch m := e.Message.(type) {
	case protocol.ProcessorInitialized:
		a.onInitialized(p)
	case protocol.TaskResult:
		a.onResult(p, m)
	case protocol.TaskLog:
		a.do(Forward{m.Frame})
	case protocol.ObjectInstruction:
		if p.task != nil && !p.ending {
			a.held = append(a.held, m.Frame)
		}
	}
}

func (a *Agent) onInitialized(p *processor) {
	p.initialized = true
	a.next()
}

func (a *Agent) suspend(p *processor) {
	if p.state != running || p.ending {
		return
	}
	p.state = suspended
	a.queue.push(p.task)
	a.do(Suspended{p.pid, true})
	a.do(Signal{p.pid, a.suspendSignal()})
	a.logOf(p, logging.Info, "suspend Processor[%d]")
	a.fork()
}

func (a *Agent) suspendSignal() syscall.Signal {
	if a.options.HardSuspend {
		return syscall.SIGSTOP
	}
	return syscall.SIGUSR1
}

func (a *Agent) resume(p *processor) {
	a.logOf(p, logging.Info, "resume Processor[%d]")
	p.state = running
	a.do(Suspended{p.pid, false})
	if a.options.HardSuspend {
		a.do(Signal{p.pid, syscall.SIGCONT})
		return
	}
	// Nobody waits for it to go on: in a call that no signal interrupts it does not before that returns, and what it waits
	// for there may be the task that is to have its place. The worker's process suspends it again as soon as that is possible.
	a.do(Resume{p.pid})
}

// stop has a processor end: by SIGTERM, upon which it leaves as a Python program does, and by SIGKILL when it takes too
// long. One that is suspended cannot hear SIGTERM.
func (a *Agent) stop(p *processor, reason string, arguments ...any) {
	if p.ending {
		return
	}
	a.logOf(p, logging.Info, "stop Processor[%d], reason: "+reason, arguments...)
	if p.state == suspended {
		a.kill(p)
		return
	}
	p.ending = true
	p.killAt = a.now.Add(a.options.KillDelay)
	a.do(Signal{p.pid, syscall.SIGTERM})
}

func (a *Agent) kill(p *processor) {
	p.ending, p.killAt = true, time.Time{}
	a.do(Signal{p.pid, syscall.SIGKILL})
}

// hungUpTime is how long a processor without a connection may take to end: as a Python program that ends it waits for
// the threads of its tasks. A task that has closed all files that it found open does not end.
const hungUpTime = 30 * time.Second

func (e ProcessorHungUp) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil {
		return
	}
	p.lost = true
	if !p.ending {
		p.killAt = a.now.Add(hungUpTime)
	}
}

// The task goes to the next processor, before those that came after it.
func (e TaskUnread) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil || p.task == nil || p.task.cancelled || a.quitting {
		return
	}
	t := p.task
	a.queue.remove(t)                            // it may be suspended
	p.lost, p.task, t.processor = true, nil, nil // and one that worked: the next one comes at once
	a.queue.putBack(t)
}

func (e ProcessorEnded) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil {
		return
	}
	delete(a.processors, e.Pid)
	a.do(Gone{p.pid})
	asked := p.ending
	p.ending = true // nobody signals it any more
	if !asked {
		note := ""
		if p.task != nil {
			note = fmt.Sprintf(", task_id=%x", p.task.id)
		}
		how := process.Describe(e.Status) + note
		a.logOf(p, logging.Warning, "Processor[%d] died: %s", how)
		a.do(Died{p.pid, e.Status, how})
	}
	if t := p.task; t != nil {
		a.lose(t, e.Status)
	}
	if a.current != p {
		return
	}
	a.current = nil
	if a.now.Sub(p.begun) > youngTime {
		a.forkFails = 0
	}
	// One that had a task may have died of that, and so may the next one of the next task, but no more than there are.
	if !p.worked && !asked {
		if p.initialized && a.forkFails == 0 {
			a.forkFails = 1 // it may be chance, once
			a.fork()
			return
		}
		a.retryFork()
		return
	}
	a.fork()
}

// sorted are the processors in the order of their pids.
func (a *Agent) sorted() []*processor {
	found := make([]*processor, 0, len(a.processors))
	for _, p := range a.processors {
		found = append(found, p)
	}
	slices.SortFunc(found, func(p, q *processor) int { return p.pid - q.pid })
	return found
}
