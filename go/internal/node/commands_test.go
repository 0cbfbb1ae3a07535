package node

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

func TestCommands(t *testing.T) {
	start := message.Command{Action: message.StartWorkers}
	stop := message.Command{Action: message.ShutdownWorkers, WorkerIDs: [][]byte{[]byte("NAT|1")}}
	number := message.Command{Action: message.SetDesired, Requests: []message.Request{{TaskConcurrency: 3}}}
	tests := []struct {
		name     string
		dialect  message.Dialect
		commands []message.Command
		answer   pool.Answer // of the pool
		event    any         // the last event of the pool, nil for none
		status   message.Status
		answered bool
		ids      int
	}{
		{
			"start", message.Imperative, []message.Command{start}, pool.Answer{Identity: "NAT|7"}, pool.StartOne{},
			message.Success, true, 1,
		},
		{
			"too many", message.Imperative, []message.Command{start}, pool.Answer{Err: pool.ErrTooMany}, pool.StartOne{},
			message.UnknownAction, true, 0,
		},
		{
			"another reason", message.Imperative, []message.Command{start}, pool.Answer{Err: pool.ErrHostDown},
			pool.StartOne{}, message.UnknownAction, true, 0,
		},
		{
			"stop", message.Imperative, []message.Command{stop}, pool.Answer{},
			pool.StopWorkers{Identities: []string{"NAT|1"}}, message.Success, true, 1,
		},
		{"not found", message.Imperative, []message.Command{stop}, pool.Answer{Err: fmt.Errorf("%w: x", pool.ErrNotFound)},
			pool.StopWorkers{Identities: []string{"NAT|1"}}, message.WorkerNotFound, true, 0},
		{"a number", message.Declarative, []message.Command{number}, pool.Answer{}, pool.SetDesired{Count: 3}, 0, false, 0},
		{
			"a number and a start", message.Hybrid, []message.Command{number, start}, pool.Answer{}, pool.SetDesired{Count: 3},
			message.Success, true, 0,
		},
		{
			"a number and a stop", message.Hybrid, []message.Command{number, stop}, pool.Answer{}, pool.SetDesired{Count: 3},
			message.Success, true, 0,
		},
		{
			"something else", message.Imperative, []message.Command{{Action: 77}}, pool.Answer{}, nil, message.UnknownAction,
			true, 0,
		},
		{
			"something else, not answered", message.Declarative, []message.Command{{Action: 77}}, pool.Answer{}, nil, 0, false,
			0,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got any
			var response *message.Response
			c := &commands{dialect: test.dialect, handle: func(event pool.Event) {
				answer := test.answer
				switch event := event.(type) {
				case pool.StartOne:
					answer.Request = event.Request
					got = pool.StartOne{}
				case pool.StopWorkers:
					answer.Request = event.Request
					got = pool.StopWorkers{Identities: event.Identities}
				default:
					got = event
					return
				}
				answer.Request.(*request).respond(answer)
			}}
			for _, command := range test.commands {
				c.handleCommand(command, func(r message.Response) { response = &r })
			}
			if !reflect.DeepEqual(got, test.event) {
				t.Errorf("the pool got %#v, want %#v", got, test.event)
			}
			if (response != nil) != test.answered {
				t.Fatalf("answered: %t", response != nil)
			}
			if response != nil && (response.Status != test.status || len(response.WorkerIDs) != test.ids) {
				t.Errorf("answered %+v", response)
			}
		})
	}
}
