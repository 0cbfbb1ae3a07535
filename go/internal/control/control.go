// Package control defines the control API of a worker manager: JSON over HTTP on a unix socket. Version 1 has these
// paths under /v1:
//
//	GET  /status                     state.Manager; ?memory=pss reads the PSS of every process, some ms per worker
//	GET  /events                     state.Event, one per line; ?after=ID skips those up to ID, ?follow=1 keeps streaming
//	GET  /workers/{worker}/stacks    state.Stacks
//	GET  /workers/{worker}/logs      state.Line, one per line: the last log lines about the worker
//	POST /drain                      state.Drain
//	POST /resume
//	POST /resize                     state.Resize
//	POST /restart                    state.Restart
//	POST /stop                       like SIGTERM; again: like a second SIGTERM
//
// {worker} is an id, a pid, or a unique part of an id. A POST starts the action and answers with state.Manager without
// waiting for the action to finish. Errors are state.Error with status 400 (malformed), 404 (no such worker), 409 (not
// possible now), 429 (too many clients follow events) or 503 (the manager is ending).
package control

import (
	"context"
	"errors"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Errors of a Manager, with their HTTP status.
var (
	ErrNotFound = errors.New("no such worker")        // 404
	ErrRefused  = errors.New("not possible")          // 409
	ErrEnded    = errors.New("the manager has ended") // 503
)

// Manager is a running worker manager. Its methods are safe for concurrent use, and none takes a lock that dispatching
// a task takes. Returned errors wrap those above.
type Manager interface {
	// Status returns the current state. If proportional, it reads the PSS of every process, else memory is what
	// heartbeats have read.
	Status(ctx context.Context, proportional bool) (state.Manager, error)
	// Events returns the events after an ID, oldest first, and a channel that the next event closes.
	Events(after uint64) (events []state.Event, more <-chan struct{})
	// Logs returns the last log lines about a worker, oldest first.
	Logs(worker string) ([]state.Line, error)
	// Stacks returns the Python stacks of a worker's processors.
	Stacks(ctx context.Context, worker string) (state.Stacks, error)

	Drain(state.Drain) error
	Resume() error
	Resize(state.Resize) error
	Restart(state.Restart) error
	Stop() error
}
