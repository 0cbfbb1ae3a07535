// Package worker is the state machine of one worker: for each state and event, the next state and the action to take.
// It takes no action itself.
package worker

import "fmt"

// State is a state of a worker.
type State int

// The states, in the order in which a worker passes them.
const (
	Starting       State = iota // requested from the worker host, no pid yet
	CancelledStart              // to be stopped as soon as it has a pid
	Running                     // has a pid, not registered yet
	Registered                  // the scheduler has answered its first heartbeat
	Draining                    // finishes its tasks, then stops
	Stopping                    // was asked to exit
	Killed                      // its process group was killed
	Dead                        // exited, or could not be started

	states = int(Dead) + 1
)

// Event is something that happens to a worker.
type Event int

// The events.
const (
	Started  Event = iota // the host forked it
	Refused               // the host could not
	Answered              // the scheduler answered its first heartbeat
	Drain                 // it shall exit when its tasks are done
	Undrain               // it shall stay after all
	Stop                  // it shall exit now
	Kill                  // its time to exit is over, or the user sent a second signal
	Exited                // its process exited

	events = int(Exited) + 1
)

// Action is what has to be done on a change of state.
type Action int

// The actions.
const (
	None      Action = iota
	Terminate        // ask the worker to exit, and start its stop timeout
	KillGroup        // kill its process group
	Reap             // kill the rest of its process group, then reap it
)

type step struct {
	next   State
	action Action
}

// table has a transition for every state and event.
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

// On returns the state after an event, and the action to take.
func (s State) On(event Event) (State, Action) {
	step := table[s][event]
	return step.next, step.action
}

// Wanted reports whether the worker counts towards the desired number.
func (s State) Wanted() bool { return s == Starting || s == Running || s == Registered }

// Reclaimable reports whether the stop of the worker can be revoked.
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
