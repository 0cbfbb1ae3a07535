package agent

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

func (Begin) apply(a *Agent) {
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
		a.do(Forget{})
		a.dropTasks()
		a.registered = false
	} else if p := a.current; a.options.StorageEnds && a.registered && p != nil && p.task == nil && !p.ending {
		// With ZMQ schedulers are not told apart. If this is another one, the processor has lost its object storage, and
		// would fail the next task before it noticed.
		a.stop(p, anotherStorage)
		a.fork()
	}
	a.beat()
}

func (Disconnected) apply(a *Agent) {
	a.connected = false
	a.sent = time.Time{}
}

func (e FromScheduler) apply(a *Agent) {
	if a.quitting {
		a.hearLate(e.Message)
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
				a.do(Instruct{p.pid, m.Frame})
			}
		}
	case protocol.ClientDisconnect:
		if m.Shutdown {
			a.end(0, logging.Info, "received client shutdown, quitting")
		}
	case protocol.DisconnectResponse:
		a.end(0, logging.Info, "the scheduler let go of this worker, quitting")
	}
}

// beat sends a heartbeat, unless the answer to the last one is still to come.
func (a *Agent) beat() {
	a.heartbeatAt = a.now.Add(a.options.HeartbeatInterval)
	if a.sent.IsZero() {
		a.sent = a.now
		a.do(Beat{a.heartbeat()})
	}
}

func (a *Agent) onEcho(m protocol.Echo) {
	if a.sent.IsZero() {
		return
	}
	a.latency = a.now.Sub(a.sent) / 2
	a.sent, a.echoed = time.Time{}, a.now
	if a.registered {
		return
	}
	a.registered = true
	a.do(Registered{})
	if !a.options.Storage && m.Storage != a.storage {
		a.useStorage(m.Storage)
	}
}

const anotherStorage = "there is another object storage"

// useStorage has processors use the object storage at an address. Those that use another one are of no more use.
func (a *Agent) useStorage(address string) {
	a.storage = address
	if a.current != nil {
		a.stop(a.current, anotherStorage)
	}
	a.fork()
}

func (Terminate) apply(a *Agent) { a.end(0, logging.Info, "asked to end") }

// end has the worker end. The scheduler is told first, so that it gives the tasks to other workers at once.
func (a *Agent) end(status int, level logging.Level, reason string, arguments ...any) {
	if a.quitting {
		return
	}
	a.quitting, a.status = true, status
	a.log(level, reason, arguments...)
	a.do(TakeLeave{})
	for _, p := range a.sorted() {
		a.stop(p, "quit")
	}
	a.left = map[string]bool{}
	for id := range a.tasks {
		a.left[id] = true
	}
	a.queue = nil
	clear(a.tasks)
}

// hearLate answers cancels that were sent before the scheduler heard of the end. Early ones (1.26.0 to 2.3.3) strike a task that
// they cancel, or want back to balance their workers, off the list of its worker, and so do not miss it when that one goes:
// without an answer the task would wait for ever. Later ones ignore the answer.
func (a *Agent) hearLate(message protocol.Message) {
	if m, ok := message.(protocol.TaskCancel); ok && a.left[m.TaskID] {
		delete(a.left, m.TaskID)
		a.do(Confirm{m.TaskID, protocol.Canceled})
	}
}

// quitOnceEmpty has the worker's process exit when the processors are gone, or had their time.
func (a *Agent) quitOnceEmpty() {
	if a.quitting && !a.quit && len(a.processors) == 0 {
		a.quit = true
		a.do(Quit{a.status})
	}
}
