package agent

import "github.com/scaler-native/scaler-native/go/internal/logging"

// How a worker drains.
//
// It starts none of the queued tasks, finishes those that have started, including suspended ones, and disconnects. The
// scheduler then reassigns the tasks that are left here (1.26.0 to 2.9.0), so that each runs once. It also reassigns a
// task that is still running and ignores its result (2.9.0), so the worker must not disconnect before the last result.
//
// A task may wait for tasks that it has submitted itself, and the scheduler may send those to a draining worker, even
// to the same one. Their priority is above their parent's (every client, 1.26.0 to 2.9.0). So a queued task does start
// while a task of a lower priority is suspended here: the worker has to wait for that one anyway, and it may be the
// parent. All other queued tasks run elsewhere, as every worker disconnects once its own tasks are done.

func (Drain) apply(a *Agent) {
	if a.draining || a.quitting {
		return
	}
	a.draining = true
	started := a.startedTasks()
	a.log(logging.Info, "draining: finishing %d tasks, leaving %d to other workers", started, len(a.tasks)-started)
}

func (Undrain) apply(a *Agent) {
	a.draining = false
	a.next()
}

// startedTasks counts the tasks that have started and are not answered yet.
func (a *Agent) startedTasks() (count int) {
	for _, t := range a.tasks {
		if t.processor != nil {
			count++
		}
	}
	return count
}

// mayStart reports whether the first queued task may start.
func (a *Agent) mayStart() bool {
	if !a.draining {
		return true
	}
	for _, t := range a.queue {
		if t.processor != nil { // suspended, so of a lower priority than the first
			return true
		}
	}
	return false
}

// quitOnceDrained has a draining worker quit when all tasks that have started are answered. While disconnected it
// waits, since the last result may not have been sent.
func (a *Agent) quitOnceDrained() {
	if !a.draining || a.quitting || a.registered && !a.connected || a.startedTasks() > 0 {
		return
	}
	a.emit(Drained{})
	a.beginQuit(0, logging.Info, "drained")
}
