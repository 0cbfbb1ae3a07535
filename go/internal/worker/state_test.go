package worker

import (
	"fmt"
	"testing"
)

func all() (list []State) {
	for s := range State(states) {
		list = append(list, s)
	}
	return list
}

// TestLives follows workers through whole lives, with what had to be done on the way.
func TestLives(t *testing.T) {
	type move struct {
		event  Event
		state  State
		action Action
	}
	tests := []struct {
		name  string
		moves []move
	}{
		{"the usual", []move{{Started, Running, None}, {Answered, Registered, None}, {Stop, Stopping, Ask}, {Exited, Dead, Bury}}},
		{"refused", []move{{Refused, Dead, None}}},
		{"dies young", []move{{Started, Running, None}, {Exited, Dead, Bury}}},
		{"dies later", []move{{Started, Running, None}, {Answered, Registered, None}, {Exited, Dead, Bury}}},
		{"stopped before it registered", []move{{Started, Running, None}, {Stop, Stopping, Ask}, {Answered, Stopping, None}, {Exited, Dead, Bury}}},
		{"stopped before it had a pid", []move{{Stop, Unwanted, None}, {Started, Stopping, Ask}, {Exited, Dead, Bury}}},
		{"spared with tasks", []move{{Started, Running, None}, {Answered, Registered, None}, {Spare, Draining, None}, {Stop, Stopping, Ask}, {Exited, Dead, Bury}}},
		{"spared and recalled", []move{{Started, Running, None}, {Answered, Registered, None}, {Spare, Draining, None}, {Recall, Registered, None}, {Exited, Dead, Bury}}},
		{"spared, and killed in a hurry", []move{{Started, Running, None}, {Answered, Registered, None}, {Spare, Draining, None}, {Kill, Killed, Smash}, {Exited, Dead, Bury}}},
		{"spared, and dies of its tasks", []move{{Started, Running, None}, {Answered, Registered, None}, {Spare, Draining, None}, {Exited, Dead, Bury}}},
		{"spared without a chance of tasks", []move{{Started, Running, None}, {Spare, Stopping, Ask}, {Exited, Dead, Bury}}},
		{"recalled before it had a pid", []move{{Spare, Unwanted, None}, {Recall, Starting, None}, {Started, Running, None}, {Exited, Dead, Bury}}},
		{"recalled too late", []move{{Started, Running, None}, {Stop, Stopping, Ask}, {Recall, Stopping, None}, {Exited, Dead, Bury}}},
		{"stopped and then refused", []move{{Stop, Unwanted, None}, {Refused, Dead, None}}},
		{"too slow to stop", []move{{Started, Running, None}, {Stop, Stopping, Ask}, {Kill, Killed, Smash}, {Exited, Dead, Bury}}},
		{"killed at once", []move{{Started, Running, None}, {Answered, Registered, None}, {Kill, Killed, Smash}, {Exited, Dead, Bury}}},
		{"asked twice", []move{{Started, Running, None}, {Stop, Stopping, Ask}, {Stop, Stopping, None}, {Exited, Dead, Bury}}},
		{"killed twice", []move{{Started, Running, None}, {Kill, Killed, Smash}, {Kill, Killed, Smash}, {Stop, Killed, None}, {Exited, Dead, Bury}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := Starting
			for _, m := range test.moves {
				next, action := s.On(m.event)
				if next != m.state || action != m.action {
					t.Fatalf("event %d in %s: %s, action %d; want %s, %d", m.event, s, next, action, m.state, m.action)
				}
				s = next
			}
			if s != Dead {
				t.Errorf("ends as %s", s)
			}
		})
	}
}

func TestEveryStateIsReachable(t *testing.T) {
	reached := map[State]bool{Starting: true}
	for range states {
		for s := range reached {
			for e := range Event(events) {
				next, _ := s.On(e)
				reached[next] = true
			}
		}
	}
	for _, s := range all() {
		if !reached[s] {
			t.Errorf("%s cannot be reached", s)
		}
	}
}

func TestTableKeepsItsRules(t *testing.T) {
	hasPid := map[State]bool{Running: true, Registered: true, Draining: true, Stopping: true, Killed: true}
	for _, s := range all() {
		for e := range Event(events) {
			next, action := s.On(e)
			where := fmt.Sprintf("event %d in %s", e, s)
			if next < s && (e != Recall || !s.Spared() || !next.Wanted()) {
				t.Errorf("%s goes back to %s", where, next)
			}
			if e == Recall && s.Spared() && !next.Wanted() {
				t.Errorf("%s leads to %s", where, next)
			}
			if s == Dead && (next != Dead || action != None) {
				t.Errorf("%s leaves it", where)
			}
			if (action == Ask) != (next == Stopping && s != Stopping) {
				t.Errorf("%s: asked to end is what Stopping means", where)
			}
			if action == Smash && next != Killed {
				t.Errorf("%s: its process group is killed and it is %s", where, next)
			}
			// A pid must be let go of when it ended, and never before.
			if buries := action == Bury; buries != (hasPid[s] && e == Exited) {
				t.Errorf("%s: action %d", where, action)
			}
			if (e == Stop || e == Spare) && next.Wanted() {
				t.Errorf("%s: still wanted", where)
			}
			if e == Kill && s.Wanted() && next.Wanted() {
				t.Errorf("%s: still wanted", where)
			}
		}
	}
}

func TestWantedAndSpared(t *testing.T) {
	wanted := map[State]bool{Starting: true, Running: true, Registered: true}
	spared := map[State]bool{Unwanted: true, Draining: true}
	for _, s := range all() {
		if s.Wanted() != wanted[s] || s.Spared() != spared[s] {
			t.Errorf("%s: wanted is %v, spared is %v", s, s.Wanted(), s.Spared())
		}
	}
}

func TestStateNames(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range all() {
		if s.String() == "" || seen[s.String()] {
			t.Errorf("state %d is called %q", int(s), s)
		}
		seen[s.String()] = true
	}
	if got := State(-1).String() + ", " + State(99).String(); got != "state -1, state 99" {
		t.Errorf("unknown states are called %s", got)
	}
}
