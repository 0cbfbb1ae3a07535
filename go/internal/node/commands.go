package node

import (
	"errors"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// commands turns the scheduler's commands into events of the pool, and the pool's
// answers into responses.
type commands struct {
	handle       func(pool.Event) // from any goroutine
	dialect      message.Dialect
	capabilities []message.Capability // the manager's own
	declared     bool                 // the scheduler has said a number of workers
}

// request is a command that waits for the pool's answer.
type request struct {
	command message.Command
	respond func(pool.Answer)
}

// handleCommand is called from one goroutine at a time. Schedulers of the hybrid dialect (2.1.2 to
// 2.3.3) say the same thing twice: a number of workers, then to start or stop some. The
// number is followed, because it counts only workers that the scheduler knows and so does
// not grow when heartbeats come quickly; the rest is answered so that the scheduler goes on.
func (c *commands) handleCommand(command message.Command, respond func(message.Response)) {
	waiting := &request{command, func(answer pool.Answer) { respond(c.response(command, answer)) }}
	switch {
	case command.Action == message.SetDesired:
		c.declared = true
		c.handle(pool.SetDesired{Count: message.Desired(command.Requests, c.capabilities)})
	case command.Action != message.StartWorkers && command.Action != message.ShutdownWorkers:
		if c.dialect.Answers() {
			respond(message.Response{Action: command.Action, Status: message.UnknownAction, Capabilities: c.capabilities})
		}
	case c.declared:
		respond(message.Response{Action: command.Action, Status: message.Success, Capabilities: c.capabilities})
	case command.Action == message.StartWorkers:
		c.handle(pool.StartOne{Request: waiting})
	default:
		identities := make([]string, len(command.WorkerIDs))
		for i, id := range command.WorkerIDs {
			identities[i] = string(id)
		}
		c.handle(pool.StopWorkers{Request: waiting, Identities: identities})
	}
}

// response is what the scheduler is told of an answer.
func (c *commands) response(command message.Command, answer pool.Answer) message.Response {
	response := message.Response{Action: command.Action, Status: statusOf(answer.Err), Capabilities: c.capabilities}
	switch {
	case answer.Err != nil:
	case command.Action == message.StartWorkers:
		response.WorkerIDs = [][]byte{[]byte(answer.Identity)}
	default:
		response.WorkerIDs = command.WorkerIDs
	}
	return response
}

// statusOf is what the scheduler is told. It is never told TooManyWorkers: schedulers of 1.26 then send no further command
// until they know of more workers than at that moment. They do not know of one that is on its way in the place of one
// that died, so that they ask for too many, and with fewer workers later they would never ask again.
func statusOf(err error) message.Status {
	switch {
	case err == nil:
		return message.Success
	case errors.Is(err, pool.ErrNotFound):
		return message.WorkerNotFound
	}
	return message.UnknownAction
}
