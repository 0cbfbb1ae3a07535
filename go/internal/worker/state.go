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
	Stop                  // it is not wanted any more
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
	Lost         // as Bury, and it was not asked to end
)

type step struct {
	next   State
	action Action
}

// table has a line for each state and in it an entry for each event.
var table = [states][events]step{
	//           Started            Refused       Answered           Stop              Kill              Exited
	Starting:   {{Running, None}, {Dead, None}, {Starting, None}, {Unwanted, None}, {Unwanted, None}, {Starting, None}},
	Unwanted:   {{Stopping, Ask}, {Dead, None}, {Unwanted, None}, {Unwanted, None}, {Unwanted, None}, {Unwanted, None}},
	Running:    {{Running, None}, {Running, None}, {Registered, None}, {Stopping, Ask}, {Killed, Smash}, {Dead, Lost}},
	Registered: {{Registered, None}, {Registered, None}, {Registered, None}, {Stopping, Ask}, {Killed, Smash}, {Dead, Lost}},
	Stopping:   {{Stopping, None}, {Stopping, None}, {Stopping, None}, {Stopping, None}, {Killed, Smash}, {Dead, Bury}},
	Killed:     {{Killed, None}, {Killed, None}, {Killed, None}, {Killed, None}, {Killed, Smash}, {Dead, Bury}},
	Dead:       {{Dead, None}, {Dead, None}, {Dead, None}, {Dead, None}, {Dead, None}, {Dead, None}},
}

// On is the state that follows on an event, and what to do about it.
func (s State) On(event Event) (State, Action) {
	step := table[s][event]
	return step.next, step.action
}

// Wanted tells whether the worker counts as one of those that there should be.
func (s State) Wanted() bool { return s == Starting || s == Running || s == Registered }

func (s State) String() string {
	names := [states]string{"starting", "unwanted", "running", "registered", "stopping", "killed", "dead"}
	if s < 0 || int(s) >= states {
		return fmt.Sprintf("state %d", int(s))
	}
	return names[s]
}
