// Package session is the manager's life with a scheduler: connect, send heartbeats,
// hand commands on, and connect again. It knows nothing of processes.
package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// ErrIncompatible is matched by errors about a scheduler that the installed workers
// cannot talk to, however long one waits.
var ErrIncompatible = errors.New("scheduler and workers cannot talk to each other")

// ErrUnreachable is matched when no scheduler was there for Options.ReconnectTimeout.
var ErrUnreachable = errors.New("no scheduler")

// errUnanswered ends a connection on which the scheduler does not answer any more.
var errUnanswered = errors.New("it does not answer heartbeats")

const (
	// silence is how long a scheduler may leave heartbeats without an echo before it is said; it
	// forgets a manager itself after 10 s (1.26.0 to 2.9.0).
	silence = 5 * time.Second

	// patience is how long heartbeats stay without an echo before the connection is given up. Longer than the
	// 10 s, because a scheduler that still knows a former source of the id answers only after them.
	patience = 15 * time.Second

	// holdLimit is how long a heartbeat waits for workers that are on their way: well below the
	// 10 s, and longer than a start takes.
	holdLimit = 4 * time.Second

	// spacing is the least time between two heartbeats, so that many managers do not load a scheduler.
	spacing = 10 * time.Millisecond

	// eagerInterval is between heartbeats when there is no free worker: a first task then starts within 0.3 s. A
	// scheduler that takes long to answer has much to do, and gets them more rarely: one in eagerShare answers' time.
	eagerInterval = 200 * time.Millisecond
	eagerShare    = 20
)

// Options of a session.
type Options struct {
	Link
	Codec     message.Codec
	Heartbeat message.Heartbeat
	Interval  time.Duration // between heartbeats when nothing happens
	// Command is given every command, with a function for the answer that may be called from any
	// goroutine, once, or not at all.
	Command func(message.Command, func(message.Response))
}

// Session is one manager's conversation, over as many connections as it takes.
type Session struct {
	options           Options
	silence, patience time.Duration // the constants but for tests

	mu        sync.Mutex // guards below
	unsettled bool
	eager     bool

	wake chan struct{} // a heartbeat is due now
}

// New makes a session that has not begun.
func New(options Options) *Session {
	return &Session{options: options, silence: silence, patience: patience, wake: make(chan struct{}, 1)}
}

// Settled says whether all workers that were started are known to the scheduler. Until
// they are, a heartbeat would make it count too few and ask for one too many.
func (s *Session) Settled(settled bool) {
	s.mu.Lock()
	s.unsettled = !settled
	s.mu.Unlock()
}

// Eager says that the scheduler may have work for which there is no free worker: then heartbeats
// come often, because it adds a worker only on one of them.
func (s *Session) Eager(eager bool) {
	s.mu.Lock()
	begins := eager && !s.eager
	s.eager = eager
	s.mu.Unlock()
	if begins {
		s.Hurry()
	}
}

// Hurry sends a heartbeat now: the scheduler thinks about scaling only when one comes.
func (s *Session) Hurry() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run talks to the scheduler until ctx ends, which is no error, or there is no use:
// the error then matches ErrIncompatible or ErrUnreachable.
func (s *Session) Run(ctx context.Context) error {
	l := link{Link: s.options.Link}
	return l.keep(ctx, func(ctx context.Context, connection transport.Conn) error {
		s.options.Log.Infof("connected to scheduler %s by %s, %s commands", s.options.Scheduler, connection.Protocol(), s.options.Codec.Dialect())
		return s.converse(ctx, connection)
	})
}
