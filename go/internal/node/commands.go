package node

import (
	"errors"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// commands translates the scheduler's commands into events of the pool, and the pool's answers into responses.
type commands struct {
	handle       func(pool.Event) // from any goroutine
	dialect      message.Dialect
	capabilities []message.Capability // the manager's own
	declared     bool                 // the scheduler has sent a desired number of workers
}

// request is a command that waits for the pool's answer.
type request struct {
	command message.Command
	respond func(pool.Answer)
}

// handleCommand must not be called concurrently. Schedulers of the hybrid dialect (2.1.2 to 2.3.3) send both a desired
// number of workers, and commands to start or stop some. The manager follows the number: it counts only registered
// workers, so it does not grow when heartbeats come quickly. The commands are only acknowledged, so that the scheduler
// goes on.
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

// response translates an answer of the pool.
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

// statusOf translates the error of an answer. It never returns TooManyWorkers: a 1.26 scheduler then sends no further
// command until it knows of more workers than at that moment. It does not know of a replacement that is still starting,
// so it may ask for too many, and with fewer workers later it would never ask again.
func statusOf(err error) message.Status {
	switch {
	case err == nil:
		return message.Success
	case errors.Is(err, pool.ErrNotFound):
		return message.WorkerNotFound
	}
	return message.UnknownAction
}
