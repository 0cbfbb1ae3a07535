// Package worker is the life of one worker as a state machine: which state follows
// which on an event, and what has to be done then. It does nothing itself.
package worker

import "fmt"

// State is where a worker is in its life.
type State int

// The states, in the order of a life.
const (
	Starting   State = iota // asked of the worker host, no pid yet
	Unwanted                // asked to stop before it had a pid
	Running                 // has a pid, the scheduler does not know it yet
	Registered              // the scheduler has answered it
	Draining                // not wanted any more, but has tasks to finish
	Stopping                // asked to stop, has its time to do so
	Killed                  // its process group was killed
	Dead                    // ended, or never came to be

	states = int(Dead) + 1
)

// Event is what can happen to a worker.
type Event int

// The events.
const (
	Started  Event = iota // the host forked it
	Refused               // the host could not
	Answered              // the scheduler answered its first heartbeat
	Spare                 // it is not wanted any more once its tasks are done
	Recall                // it is wanted again
	Stop                  // it is to end now
	Kill                  // it has to be gone now: its time is over, or the user hurries
	Exited                // its process ended

	events = int(Exited) + 1
)

// Action is what a change of state asks for.
type Action int

// The actions.
const (
	None  Action = iota
	Ask          // signal the worker to end, and give it its time
	Smash        // kill its process group
	Bury         // kill what is left of its process group, then let go of its pid
)

type step struct {
	next   State
	action Action
}

// table has a line for each state and in it an entry for each event.
var table = [states][events]step{
	Starting: {
		Started: {Running, None}, Refused: {Dead, None}, Answered: {Starting, None}, Spare: {Unwanted, None},
		Recall: {Starting, None}, Stop: {Unwanted, None}, Kill: {Unwanted, None}, Exited: {Starting, None},
	},
	Unwanted: {
		Started: {Stopping, Ask}, Refused: {Dead, None}, Answered: {Unwanted, None}, Spare: {Unwanted, None},
		Recall: {Starting, None}, Stop: {Unwanted, None}, Kill: {Unwanted, None}, Exited: {Unwanted, None},
	},
	Running: {
		Started: {Running, None}, Refused: {Running, None}, Answered: {Registered, None}, Spare: {Stopping, Ask},
		Recall: {Running, None}, Stop: {Stopping, Ask}, Kill: {Killed, Smash}, Exited: {Dead, Bury},
	},
	Registered: {
		Started: {Registered, None}, Refused: {Registered, None}, Answered: {Registered, None}, Spare: {Draining, None},
		Recall: {Registered, None}, Stop: {Stopping, Ask}, Kill: {Killed, Smash}, Exited: {Dead, Bury},
	},
	Draining: {
		Started: {Draining, None}, Refused: {Draining, None}, Answered: {Draining, None}, Spare: {Draining, None},
		Recall: {Registered, None}, Stop: {Stopping, Ask}, Kill: {Killed, Smash}, Exited: {Dead, Bury},
	},
	Stopping: {
		Started: {Stopping, None}, Refused: {Stopping, None}, Answered: {Stopping, None}, Spare: {Stopping, None},
		Recall: {Stopping, None}, Stop: {Stopping, None}, Kill: {Killed, Smash}, Exited: {Dead, Bury},
	},
	Killed: {
		Started: {Killed, None}, Refused: {Killed, None}, Answered: {Killed, None}, Spare: {Killed, None},
		Recall: {Killed, None}, Stop: {Killed, None}, Kill: {Killed, Smash}, Exited: {Dead, Bury},
	},
	Dead: {
		Started: {Dead, None}, Refused: {Dead, None}, Answered: {Dead, None}, Spare: {Dead, None},
		Recall: {Dead, None}, Stop: {Dead, None}, Kill: {Dead, None}, Exited: {Dead, None},
	},
}

// On is the state that follows on an event, and what to do about it.
func (s State) On(event Event) (State, Action) {
	step := table[s][event]
	return step.next, step.action
}

// Wanted tells whether the worker counts as one of those that there should be.
func (s State) Wanted() bool { return s == Starting || s == Running || s == Registered }

// Spared tells whether the worker would be there again if it was wanted.
func (s State) Spared() bool { return s == Unwanted || s == Draining }

func (s State) String() string {
	names := [states]string{"starting", "unwanted", "running", "registered", "draining", "stopping", "killed", "dead"}
	if s < 0 || int(s) >= states {
		return fmt.Sprintf("state %d", int(s))
	}
	return names[s]
}
