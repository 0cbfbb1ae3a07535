package agent

import "github.com/scaler-native/scaler-native/go/internal/logging"

// How a worker drains.
//
// It begins none of the tasks that wait, finishes those that have begun, suspended ones too, and takes leave. Upon that a
// scheduler gives what it still knows here to others (1.26.0 to 2.9.0), so that what waited runs there, and once. It does
// the same with a task that runs, whose result it then ignores (2.9.0): the leave has to come after the last result.
//
// A task may wait for tasks of its own, and the scheduler may send these to a worker that drains, even to the same one.
// They have a priority above their parent's (every client, 1.26.0 to 2.9.0). So a task that waits begins all the same
// before one of a lower priority that has begun here: the worker has to stay for that one anyway, which may wait for just
// this task. All others run elsewhere sooner or later, as every worker that has nothing of its own left goes.

func (Drain) apply(a *Agent) {
	if a.draining || a.quitting {
		return
	}
	a.draining = true
	begun := a.begun()
	a.log(logging.Info, "draining: %d tasks are finished first, %d are left to other workers", begun, len(a.tasks)-begun)
}

func (Undrain) apply(a *Agent) {
	a.draining = false
	a.next()
}

// begun is how many tasks have begun and have no answer yet.
func (a *Agent) begun() (count int) {
	for _, t := range a.tasks {
		if t.processor != nil {
			count++
		}
	}
	return count
}

// mayBegin tells whether the first task that waits may begin.
func (a *Agent) mayBegin() bool {
	if !a.draining {
		return true
	}
	for _, t := range a.queue {
		if t.processor != nil { // it is suspended, and of a lower priority than the first
			return true
		}
	}
	return false
}

// leaveOnceDrained has a worker that drains end when no task that has begun is left. Without a connection it waits: the
// last result may not have gone out.
func (a *Agent) leaveOnceDrained() {
	if !a.draining || a.quitting || a.registered && !a.connected || a.begun() > 0 {
		return
	}
	a.do(Drained{})
	a.end(0, logging.Info, "drained")
}
