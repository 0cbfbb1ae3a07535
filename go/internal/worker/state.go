// Package worker is the life of one worker as a state machine: which state follows
// which on an event, and what has to be done then. It does nothing itself.
package worker

import "fmt"

// State is where a worker is in its life.
type State int

// The states, in the order of a life.
const (
	Starting       State = iota // asked of the worker host, no pid yet
	CancelledStart              // asked to stop before it had a pid
	Running                     // has a pid, the scheduler does not know it yet
	Registered                  // the scheduler has answered it
	Draining                    // not wanted any more, but has tasks to finish
	Stopping                    // asked to stop, has its time to do so
	Killed                      // its process group was killed
	Dead                        // ended, or never came to be

	states = int(Dead) + 1
)

// Event is what can happen to a worker.
type Event int

// The events.
const (
	Started  Event = iota // the host forked it
	Refused               // the host could not
	Answered              // the scheduler answered its first heartbeat
	Drain                 // it is not wanted any more once its tasks are done
	Undrain               // it is wanted again
	Stop                  // it is to end now
	Kill                  // it has to be gone now: its time is over, or a second signal came
	Exited                // its process ended

	events = int(Exited) + 1
)

// Action is what a change of state asks for.
type Action int

// The actions.
const (
	None      Action = iota
	Terminate        // signal the worker to end, and give it its time
	KillGroup        // kill its process group
	Reap             // kill what is left of its process group, then let go of its pid
)

type step struct {
	next   State
	action Action
}

// table has a line for each state and in it an entry for each event.
var table = [states][events]step{
	Starting: {
		Started: {Running, None}, Refused: {Dead, None}, Answered: {Starting, None}, Drain: {CancelledStart, None},
		Undrain: {Starting, None}, Stop: {CancelledStart, None}, Kill: {CancelledStart, None}, Exited: {Starting, None},
	},
	CancelledStart: {
		Started: {Stopping, Terminate}, Refused: {Dead, None}, Answered: {CancelledStart, None},
		Drain:   {CancelledStart, None},
		Undrain: {Starting, None}, Stop: {CancelledStart, None}, Kill: {CancelledStart, None}, Exited: {CancelledStart, None},
	},
	Running: {
		Started: {Running, None}, Refused: {Running, None}, Answered: {Registered, None}, Drain: {Stopping, Terminate},
		Undrain: {Running, None}, Stop: {Stopping, Terminate}, Kill: {Killed, KillGroup}, Exited: {Dead, Reap},
	},
	Registered: {
		Started: {Registered, None}, Refused: {Registered, None}, Answered: {Registered, None}, Drain: {Draining, None},
		Undrain: {Registered, None}, Stop: {Stopping, Terminate}, Kill: {Killed, KillGroup}, Exited: {Dead, Reap},
	},
	Draining: {
		Started: {Draining, None}, Refused: {Draining, None}, Answered: {Draining, None}, Drain: {Draining, None},
		Undrain: {Registered, None}, Stop: {Stopping, Terminate}, Kill: {Killed, KillGroup}, Exited: {Dead, Reap},
	},
	Stopping: {
		Started: {Stopping, None}, Refused: {Stopping, None}, Answered: {Stopping, None}, Drain: {Stopping, None},
		Undrain: {Stopping, None}, Stop: {Stopping, None}, Kill: {Killed, KillGroup}, Exited: {Dead, Reap},
	},
	Killed: {
		Started: {Killed, None}, Refused: {Killed, None}, Answered: {Killed, None}, Drain: {Killed, None},
		Undrain: {Killed, None}, Stop: {Killed, None}, Kill: {Killed, KillGroup}, Exited: {Dead, Reap},
	},
	Dead: {
		Started: {Dead, None}, Refused: {Dead, None}, Answered: {Dead, None}, Drain: {Dead, None},
		Undrain: {Dead, None}, Stop: {Dead, None}, Kill: {Dead, None}, Exited: {Dead, None},
	},
}

// On is the state that follows on an event, and what to do about it.
func (s State) On(event Event) (State, Action) {
	step := table[s][event]
	return step.next, step.action
}

// Wanted tells whether the worker counts as one of those that there should be.
func (s State) Wanted() bool { return s == Starting || s == Running || s == Registered }

// Reclaimable tells whether a worker that was to go can be kept after all.
func (s State) Reclaimable() bool { return s == CancelledStart || s == Draining }

func (s State) String() string {
	names := [states]string{
		"starting", "cancelled start", "running", "registered", "draining", "stopping", "killed", "dead",
	}
	if s < 0 || int(s) >= states {
		return fmt.Sprintf("state %d", int(s))
	}
	return names[s]
}
