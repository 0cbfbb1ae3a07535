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

// TestLives follows workers through whole lives, with the actions on the way.
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
		{"normal life", []move{
			{Started, Running, None}, {Answered, Registered, None}, {Stop, Stopping, Terminate}, {Exited, Dead, Reap},
		}},
		{"refused", []move{{Refused, Dead, None}}},
		{"dies before it registered", []move{{Started, Running, None}, {Exited, Dead, Reap}}},
		{"dies after it registered", []move{{Started, Running, None}, {Answered, Registered, None}, {Exited, Dead, Reap}}},
		{"stopped before it registered", []move{
			{Started, Running, None}, {Stop, Stopping, Terminate}, {Answered, Stopping, None}, {Exited, Dead, Reap},
		}},
		{"stopped before it had a pid", []move{
			{Stop, CancelledStart, None}, {Started, Stopping, Terminate}, {Exited, Dead, Reap},
		}},
		{"drained, then stopped", []move{
			{Started, Running, None}, {Answered, Registered, None}, {Drain, Draining, None}, {Stop, Stopping, Terminate},
			{Exited, Dead, Reap},
		}},
		{"drained and undrained", []move{
			{Started, Running, None}, {Answered, Registered, None}, {Drain, Draining, None}, {Undrain, Registered, None},
			{Exited, Dead, Reap},
		}},
		{"drained, then killed", []move{
			{Started, Running, None}, {Answered, Registered, None}, {Drain, Draining, None}, {Kill, Killed, KillGroup},
			{Exited, Dead, Reap},
		}},
		{"dies while draining", []move{
			{Started, Running, None}, {Answered, Registered, None}, {Drain, Draining, None}, {Exited, Dead, Reap},
		}},
		{"drained before it registered", []move{
			{Started, Running, None}, {Drain, Stopping, Terminate}, {Exited, Dead, Reap},
		}},
		{"undrained before it had a pid", []move{
			{Drain, CancelledStart, None}, {Undrain, Starting, None}, {Started, Running, None}, {Exited, Dead, Reap},
		}},
		{"undrained too late", []move{
			{Started, Running, None}, {Stop, Stopping, Terminate}, {Undrain, Stopping, None}, {Exited, Dead, Reap},
		}},
		{"stopped and then refused", []move{{Stop, CancelledStart, None}, {Refused, Dead, None}}},
		{"too slow to stop", []move{
			{Started, Running, None}, {Stop, Stopping, Terminate}, {Kill, Killed, KillGroup}, {Exited, Dead, Reap},
		}},
		{"killed at once", []move{
			{Started, Running, None}, {Answered, Registered, None}, {Kill, Killed, KillGroup}, {Exited, Dead, Reap},
		}},
		{"stopped twice", []move{
			{Started, Running, None}, {Stop, Stopping, Terminate}, {Stop, Stopping, None}, {Exited, Dead, Reap},
		}},
		{"killed twice", []move{
			{Started, Running, None}, {Kill, Killed, KillGroup}, {Kill, Killed, KillGroup}, {Stop, Killed, None},
			{Exited, Dead, Reap},
		}},
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
				t.Errorf("the last state is %s, want dead", s)
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

func TestInvariantsOfTable(t *testing.T) {
	hasPid := map[State]bool{Running: true, Registered: true, Draining: true, Stopping: true, Killed: true}
	for _, s := range all() {
		for e := range Event(events) {
			next, action := s.On(e)
			where := fmt.Sprintf("event %d in %s", e, s)
			if next < s && (e != Undrain || !s.Reclaimable() || !next.Wanted()) {
				t.Errorf("%s goes back to %s", where, next)
			}
			if e == Undrain && s.Reclaimable() && !next.Wanted() {
				t.Errorf("%s leads to %s", where, next)
			}
			if s == Dead && (next != Dead || action != None) {
				t.Errorf("%s leaves it", where)
			}
			if (action == Terminate) != (next == Stopping && s != Stopping) {
				t.Errorf("%s: action Terminate goes with state Stopping", where)
			}
			if action == KillGroup && next != Killed {
				t.Errorf("%s: action KillGroup, but state %s", where, next)
			}
			// A worker must be reaped when it has exited, and never before.
			if reaps := action == Reap; reaps != (hasPid[s] && e == Exited) {
				t.Errorf("%s: action %d", where, action)
			}
			if (e == Stop || e == Drain) && next.Wanted() {
				t.Errorf("%s: still wanted", where)
			}
			if e == Kill && s.Wanted() && next.Wanted() {
				t.Errorf("%s: still wanted", where)
			}
		}
	}
}

func TestWantedAndReclaimable(t *testing.T) {
	wanted := map[State]bool{Starting: true, Running: true, Registered: true}
	reclaimable := map[State]bool{CancelledStart: true, Draining: true}
	for _, s := range all() {
		if s.Wanted() != wanted[s] || s.Reclaimable() != reclaimable[s] {
			t.Errorf("%s: wanted is %v, reclaimable is %v", s, s.Wanted(), s.Reclaimable())
		}
	}
}

func TestStateNames(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range all() {
		if s.String() == "" || seen[s.String()] {
			t.Errorf("state %d has the name %q", int(s), s)
		}
		seen[s.String()] = true
	}
	if got := State(-1).String() + ", " + State(99).String(); got != "state -1, state 99" {
		t.Errorf("names of unknown states: %s", got)
	}
}
