package agent

import (
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// task is a task that the scheduler expects an answer for.
type task struct {
	id, source string
	priority   int32
	frame      []byte
	arrived    time.Time
	processor  *processor // the one that runs it or has it suspended; nil before it starts
	startedAt  time.Time
	failing    bool // its processor died; the error is being stored
	cancelled  bool // its processor is being stopped
	cancels    int  // further cancels, answered after the first one
}

func (a *Agent) onTask(m protocol.Task) {
	if m.Priority < 0 {
		// An error of the agent upstream, too. Clients do not send it.
		a.beginQuit(1, logging.Error, "invalid task priority, must be positive or zero, got %d", m.Priority)
		return
	}
	if a.tasks[m.ID] != nil {
		about := logging.Fields{Task: hexadecimal(m.ID)}
		a.logFields(about, logging.Warning, "ignoring a task that was received twice: %x", m.ID)
		return
	}
	t := &task{id: m.ID, source: m.Source, priority: m.Priority, frame: m.Frame, arrived: a.now}
	a.tasks[t.id] = t
	a.queue.push(t)
	if a.current != nil && a.current.task != nil && t.priority > a.current.task.priority {
		a.suspend(a.current)
	}
	a.next()
}

// next gives the first queued task to the current processor if that is free.
func (a *Agent) next() {
	p := a.current
	if !a.isFree(p) || len(a.queue) == 0 {
		return
	}
	if a.queue[0].processor == nil && !a.mayStart() {
		return
	}
	t := a.queue.pop()
	if t.processor != nil {
		a.current = t.processor
		a.stop(p, "replaced by suspended processor")
		a.resume(a.current)
		return
	}
	t.processor, p.task, t.startedAt = p, t, a.now
	p.worked, a.forkFails = true, 0
	a.statistics.Waits.observe(t.startedAt.Sub(t.arrived))
	a.emit(Run{p.pid, t.id, t.frame})
}

// isFree reports whether a processor can be given a task, or be replaced.
func (a *Agent) isFree(p *processor) bool {
	return !a.quitting && p != nil && p.initialized && p.task == nil &&
		!p.ending && !p.lost && p.state == running && !p.measuring
}

// onResult may be called for a suspended processor, which had sent its result before it was suspended.
func (a *Agent) onResult(p *processor, m protocol.TaskResult) {
	t := a.tasks[m.TaskID]
	if t == nil || t.processor != p || t.cancelled || t.failing {
		return
	}
	a.emit(SendResult{m})
	p.finished++
	if a.statistics.Runs.observe(a.now.Sub(t.startedAt)); m.Type == protocol.Success {
		a.statistics.Succeeded++
	} else {
		a.statistics.Failed++
	}
	a.queue.remove(t)
	a.forget(t)
	if p != a.current {
		a.stop(p, "task finished in suspended processor")
	}
	a.retire(p)
	a.next()
}

// forget removes a task that was answered.
func (a *Agent) forget(t *task) {
	delete(a.tasks, t.id)
	if t.processor != nil {
		t.processor.task = nil
	}
	for ; t.cancels > 0; t.cancels-- {
		a.emit(ConfirmCancel{t.id, protocol.CancelNotFound})
	}
}

func (a *Agent) onCancel(m protocol.TaskCancel) {
	t := a.tasks[m.TaskID]
	switch {
	case t == nil:
		a.emit(ConfirmCancel{m.TaskID, protocol.CancelNotFound})
	case t.cancelled || t.failing:
		t.cancels++
	case t.processor == nil:
		a.queue.remove(t)
		a.forget(t)
		a.emit(ConfirmCancel{t.id, protocol.Canceled})
		a.statistics.Cancelled++
	case !m.Force:
		a.emit(ConfirmCancel{t.id, protocol.CancelFailed})
	default:
		t.cancelled = true
		a.queue.remove(t)
		if t.processor == a.current {
			a.stop(t.processor, "cancel task_id=%x", t.id)
			a.fork()
		} else {
			a.stop(t.processor, "cancel suspended task_id=%x", t.id)
		}
	}
}

// onTaskLost handles a task whose processor has died.
func (a *Agent) onTaskLost(t *task, status syscall.WaitStatus) {
	a.queue.remove(t)
	switch {
	case t.cancelled:
		a.emit(ConfirmCancel{t.id, protocol.Canceled})
		a.statistics.Cancelled++
		a.forget(t)
	case a.quitting:
		a.forget(t)
	default:
		t.failing = true
		a.statistics.Died++
		a.emit(StoreError{t.id, t.source, diedText(status), a.storage})
	}
}

func (e ErrorStored) apply(a *Agent) {
	if t := a.tasks[e.TaskID]; t != nil && t.failing {
		a.emit(AnnounceObject{t.source, e.Object})
		a.emit(SendResult{protocol.TaskResult{TaskID: t.id, Type: protocol.Failed, Results: [][]byte{e.Object[:]}}})
		a.forget(t)
	}
}

func (e StoreFailed) apply(a *Agent) {
	if t := a.tasks[e.TaskID]; t != nil && t.failing && !a.quitting {
		// Once this worker is disconnected, the scheduler reassigns the task.
		a.beginQuit(1, logging.Error, "cannot store the error of task %x: %v", t.id, e.Err)
	}
}

// dropTasks drops all tasks: the scheduler that sent them is gone.
func (a *Agent) dropTasks() {
	for _, t := range a.tasks {
		t.cancels = 0
		p := t.processor
		delete(a.tasks, t.id)
		if p == nil || p.ending {
			continue
		}
		p.task = nil
		a.stop(p, "its task belongs to a scheduler that is gone")
		if p == a.current {
			a.fork()
		}
	}
	a.queue = nil
}

// diedText words the cause of death as the error of Scaler 2.9.0 does.
func diedText(status syscall.WaitStatus) string {
	if status.Signaled() {
		name := unix.SignalName(status.Signal())
		if name == "" { // a real-time signal
			return fmt.Sprintf("process_status='zombie' exitcode=%d", -int(status.Signal()))
		}
		return fmt.Sprintf("process_status='zombie' exitcode=%d (%s)", -int(status.Signal()), name)
	}
	return fmt.Sprintf("process_status='zombie' exitcode=%d", status.ExitStatus())
}
