package agent

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

func (Start) apply(a *Agent) {
	if a.options.Storage {
		a.fork()
	}
}

func (e Connected) apply(a *Agent) {
	a.connected = true
	if a.quitting {
		return
	}
	if e.Another {
		a.emit(DiscardUnsent{})
		a.dropTasks()
		a.registered = false
	} else if p := a.current; a.options.StorageEnds && a.registered && p != nil && p.task == nil && !p.ending {
		// A ZMQ connection does not show whether this is another scheduler. If it is, the processor has lost its object
		// storage, and would fail the next task before it noticed.
		a.stop(p, storageChanged)
		a.fork()
	}
	a.sendHeartbeat()
}

func (Disconnected) apply(a *Agent) {
	a.connected = false
	a.sent = time.Time{}
}

func (e FromScheduler) apply(a *Agent) {
	if a.quitting {
		a.onLateMessage(e.Message)
		return
	}
	switch m := e.Message.(type) {
	case protocol.Echo:
		a.onEcho(m)
	case protocol.Task:
		a.onTask(m)
	case protocol.TaskCancel:
		a.onCancel(m)
	case protocol.ObjectInstruction:
		for _, p := range a.sorted() {
			if p.initialized && !p.ending {
				a.emit(Instruct{p.pid, m.Frame})
			}
		}
	case protocol.ClientDisconnect:
		if m.Shutdown {
			a.beginQuit(0, logging.Info, "received client shutdown, quitting")
		}
	case protocol.DisconnectResponse:
		a.beginQuit(0, logging.Info, "the scheduler disconnected this worker, quitting")
	}
}

// sendHeartbeat sends a heartbeat, unless the previous one is unanswered.
func (a *Agent) sendHeartbeat() {
	a.heartbeatAt = a.now.Add(a.options.HeartbeatInterval)
	if a.sent.IsZero() {
		a.sent = a.now
		a.emit(SendHeartbeat{a.heartbeat()})
	}
}

func (a *Agent) onEcho(m protocol.Echo) {
	if a.sent.IsZero() {
		return
	}
	a.latency = a.now.Sub(a.sent) / 2
	a.sent, a.lastEcho = time.Time{}, a.now
	if a.registered {
		return
	}
	a.registered = true
	a.emit(Registered{})
	if !a.options.Storage && m.Storage != a.storage {
		a.useStorage(m.Storage)
	}
}

const storageChanged = "the object storage has changed"

// useStorage switches to the object storage at this address. Processors that use another one are stopped.
func (a *Agent) useStorage(address string) {
	a.storage = address
	if a.current != nil {
		a.stop(a.current, storageChanged)
	}
	a.fork()
}

func (Terminate) apply(a *Agent) { a.beginQuit(0, logging.Info, "asked to quit") }

// beginQuit begins to quit. The scheduler is told first, so that it reassigns the tasks at once.
func (a *Agent) beginQuit(status int, level logging.Level, reason string, arguments ...any) {
	if a.quitting {
		return
	}
	a.quitting, a.status = true, status
	a.log(level, reason, arguments...)
	a.emit(Disconnect{})
	for _, p := range a.sorted() {
		a.stop(p, "quit")
	}
	a.unanswered = map[string]bool{}
	for id := range a.tasks {
		a.unanswered[id] = true
	}
	a.queue = nil
	clear(a.tasks)
}

// onLateMessage answers cancels that the scheduler sent before it knew that the worker quits. Schedulers of 1.26.0 to
// 2.3.3 remove a task that they cancel, or reclaim for balancing, from its worker, and so do not reassign it when the
// worker disconnects: without an answer the task would wait forever. Later schedulers ignore the answer.
func (a *Agent) onLateMessage(message protocol.Message) {
	if m, ok := message.(protocol.TaskCancel); ok && a.unanswered[m.TaskID] {
		delete(a.unanswered, m.TaskID)
		a.emit(ConfirmCancel{m.TaskID, protocol.Canceled})
	}
}

// quitOnceEmpty has the worker process exit when there are no processors left.
func (a *Agent) quitOnceEmpty() {
	if a.quitting && !a.quit && len(a.processors) == 0 {
		a.quit = true
		a.emit(Quit{a.status})
	}
}
