package manager

import (
	"errors"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// orders turns the scheduler's commands into what the pool understands, and the pool's
// answers into responses.
type orders struct {
	pool         *pool.Pool
	dialect      message.Dialect
	capabilities []message.Capability // the manager's own
	declared     bool                 // the scheduler has said a number of workers
}

// obey is called from one goroutine at a time. Schedulers of the hybrid dialect (2.1.2 to
// 2.3.3) say the same thing twice: a number of workers, then to start or stop some. The
// number is followed, because it counts only workers that the scheduler knows and so does
// not grow when heartbeats come quickly; the rest is answered so that the scheduler goes on.
func (o *orders) obey(command message.Command, respond func(message.Response)) {
	switch command.Action {
	case message.SetDesired:
		o.declared = true
		o.pool.SetDesired(message.Desired(command.Requests, o.capabilities))
	case message.StartWorkers:
		if o.declared {
			respond(o.response(command.Action, message.Success))
			return
		}
		o.pool.StartOne(func(identity string, err error) {
			response := o.response(command.Action, statusOf(err))
			if err == nil {
				response.WorkerIDs = [][]byte{[]byte(identity)}
			}
			respond(response)
		})
	case message.ShutdownWorkers:
		if o.declared {
			respond(o.response(command.Action, message.Success))
			return
		}
		identities := make([]string, len(command.WorkerIDs))
		for i, id := range command.WorkerIDs {
			identities[i] = string(id)
		}
		o.pool.StopThese(identities, func(err error) {
			response := o.response(command.Action, statusOf(err))
			if err == nil {
				response.WorkerIDs = command.WorkerIDs
			}
			respond(response)
		})
	default:
		if o.dialect.Answers() {
			respond(o.response(command.Action, message.UnknownAction))
		}
	}
}

func (o *orders) response(action message.Action, status message.Status) message.Response {
	return message.Response{Action: action, Status: status, Capabilities: o.capabilities}
}

// statusOf is what the scheduler is told. A worker that could not be made for another reason than
// the limit is not answered with TooManyWorkers: that keeps schedulers of 1.26 from sending any
// further command until there are more workers than now.
func statusOf(err error) message.Status {
	switch {
	case err == nil:
		return message.Success
	case errors.Is(err, pool.ErrTooMany):
		return message.TooManyWorkers
	case errors.Is(err, pool.ErrNotFound):
		return message.WorkerNotFound
	}
	return message.UnknownAction
}
