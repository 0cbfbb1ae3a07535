// Package control is how a worker manager is asked and told: HTTP with JSON on a unix socket, and what is behind it.
// Version 1 of the paths, each relative to /v1:
//
//	GET  /status                 state.Manager; ?memory=pss reads the PSS of every process, which takes time
//	GET  /events                 state.Event, one a line; ?after=ID only later ones; ?follow=1 goes on until the client leaves
//	GET  /workers/{worker}/stacks    state.Stacks
//	GET  /workers/{worker}/logs      state.Line, one a line: the last lines of the manager's log about the worker
//	POST /drain                  state.Drain
//	POST /resume
//	POST /resize                 state.Resize
//	POST /restart                state.Restart
//	POST /stop                   as SIGTERM; a second one as a second signal
//
// A worker is named by its id, its pid, or a part of its id that no other has. What is asked for by POST is answered once it
// is begun, with state.Manager. An error is state.Error: 400 for what cannot be read, 404 for what is not there, 409 for
// what is not possible now, 503 when the manager ends.
package control

import (
	"context"
	"errors"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Why a manager does not do what it is asked.
var (
	ErrNotFound = errors.New("no such worker") // 404
	ErrRefused  = errors.New("not possible")   // 409
	ErrEnded    = errors.New("the manager has ended")
)

// Manager is a running worker manager. Its methods may be called from any goroutine, and none takes a lock that the path
// of a task takes. Errors wrap those above.
type Manager interface {
	// Status is its state; with proportional, memory is PSS.
	Status(ctx context.Context, proportional bool) (state.Manager, error)
	// Events are those that are later than one, oldest first, and a channel that is closed when there is another one.
	Events(after uint64) (events []state.Event, more <-chan struct{})
	// Logs are the last lines of its log about a worker, oldest first.
	Logs(worker string) ([]state.Line, error)
	Stacks(ctx context.Context, worker string) (state.Stacks, error)

	Drain(state.Drain) error
	Resume() error
	Resize(state.Resize) error
	Restart(state.Restart) error
	Stop() error
}
