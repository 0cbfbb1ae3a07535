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
	worked      bool // it has had a task
	finished    uint64
	startedAt   time.Time
	task        *task
	state       state
	ending      bool      // it was told to exit
	lost        bool      // its connection is closed
	killAt      time.Time // when SIGKILL is due; zero if it is not
	measuring   bool      // its memory is being measured
	memory      int64     // in bytes, as last measured
}

type state int

const (
	running state = iota
	suspended
)

func (p *processor) suspended() bool { return p.state == suspended }

// fork requests a new processor, which becomes the current one.
func (a *Agent) fork() {
	a.current = nil
	if a.forking || a.quitting || !a.options.Storage && a.storage == "" || a.forkAt.After(a.now) {
		return
	}
	a.forking, a.forkedFor = true, a.storage
	a.emit(Fork{a.storage})
}

func (e ProcessorStarted) apply(a *Agent) {
	a.forking = false
	p := &processor{pid: e.Pid, startedAt: a.now}
	a.processors[e.Pid] = p
	a.logProcessor(p, logging.Info, "start Processor[%d]")
	if a.quitting {
		a.kill(p)
		return
	}
	if a.forkedFor != a.storage {
		a.stop(p, storageChanged)
		a.fork()
		return
	}
	a.current = p
}

func (e ForkFailed) apply(a *Agent) {
	a.forking = false
	a.log(logging.Error, "cannot fork a processor: %s", e.Error)
	a.retryFork()
}

// retryFork delays the next fork, longer each time: what prevented this one, such as a preload that fails, probably
// prevents the next one, too.
func (a *Agent) retryFork() {
	a.forkFails++
	wait := forkBackoff.Delay(a.forkFails - 1)
	a.log(logging.Warning, "the next processor is forked in %.1f s", wait.Seconds())
	a.forkAt = a.now.Add(wait)
	a.current = nil
}

// stableAge is the age above which a processor's death is not blamed on its startup.
const stableAge = time.Minute

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
		a.emit(Forward{m.Frame})
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
	a.emit(Suspended{p.pid, true})
	a.emit(Signal{p.pid, a.suspendSignal()})
	a.logProcessor(p, logging.Info, "suspend Processor[%d]")
	a.fork()
}

func (a *Agent) suspendSignal() syscall.Signal {
	if a.options.HardSuspend {
		return syscall.SIGSTOP
	}
	return syscall.SIGUSR1
}

func (a *Agent) resume(p *processor) {
	a.logProcessor(p, logging.Info, "resume Processor[%d]")
	p.state = running
	a.emit(Suspended{p.pid, false})
	if a.options.HardSuspend {
		a.emit(Signal{p.pid, syscall.SIGCONT})
		return
	}
	// Do not wait until it has resumed: in a system call that no signal interrupts it resumes only after the call, which
	// may wait for the very task that is to run in its place. The worker process suspends it again as soon as possible.
	a.emit(Resume{p.pid})
}

// stop has a processor exit: by SIGTERM, so that it exits as a Python program does, and by SIGKILL after KillDelay. A
// suspended processor cannot handle SIGTERM and is killed.
func (a *Agent) stop(p *processor, reason string, arguments ...any) {
	if p.ending {
		return
	}
	a.logProcessor(p, logging.Info, "stop Processor[%d], reason: "+reason, arguments...)
	if p.state == suspended {
		a.kill(p)
		return
	}
	p.ending = true
	p.killAt = a.now.Add(a.options.KillDelay)
	a.emit(Signal{p.pid, syscall.SIGTERM})
}

func (a *Agent) kill(p *processor) {
	p.ending, p.killAt = true, time.Time{}
	a.emit(Signal{p.pid, syscall.SIGKILL})
}

// hangUpTimeout is how long a processor may take to exit after its connection was closed: like any Python program it
// waits for the threads of its tasks first. If a task has closed all file descriptors, it does not exit at all.
const hangUpTimeout = 30 * time.Second

func (e ProcessorHungUp) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil {
		return
	}
	p.lost = true
	if !p.ending {
		p.killAt = a.now.Add(hangUpTimeout)
	}
}

// The task goes to the next processor, before any task that arrived later.
func (e TaskUnread) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil || p.task == nil || p.task.cancelled || a.quitting {
		return
	}
	t := p.task
	a.queue.remove(t)                            // it may be suspended
	p.lost, p.task, t.processor = true, nil, nil // p.worked stays true: fork the next one without delay
	a.queue.putBack(t)
}

func (e ProcessorEnded) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil {
		return
	}
	delete(a.processors, e.Pid)
	a.emit(ProcessorGone{p.pid})
	asked := p.ending
	p.ending = true // never signal a reaped pid
	if !asked {
		note := ""
		if p.task != nil {
			note = fmt.Sprintf(", task_id=%x", p.task.id)
		}
		how := process.Describe(e.Status) + note
		a.logProcessor(p, logging.Warning, "Processor[%d] died: %s", how)
		a.emit(ProcessorDied{p.pid, e.Status, how})
	}
	if t := p.task; t != nil {
		a.onTaskLost(t, e.Status)
	}
	if a.current != p {
		return
	}
	a.current = nil
	if a.now.Sub(p.startedAt) > stableAge {
		a.forkFails = 0
	}
	// A processor that had a task may have died of it. That needs no backoff: it can happen once per task at most.
	if !p.worked && !asked {
		if p.initialized && a.forkFails == 0 {
			a.forkFails = 1 // the first death may be an accident
			a.fork()
			return
		}
		a.retryFork()
		return
	}
	a.fork()
}

// sorted returns the processors ordered by pid.
func (a *Agent) sorted() []*processor {
	found := make([]*processor, 0, len(a.processors))
	for _, p := range a.processors {
		found = append(found, p)
	}
	slices.SortFunc(found, func(p, q *processor) int { return p.pid - q.pid })
	return found
}
