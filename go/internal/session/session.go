// Package session is the manager's life with a scheduler: connect, send heartbeats,
// hand commands on, and connect again. It knows nothing of processes.
package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/logging"
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

	firstRetry = 100 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// Options of a session.
type Options struct {
	Scheduler address.Address
	Transport transport.Options
	// Identity makes a new identity for the connection; the one of Transport is not used.
	Identity  func() []byte
	Codec     message.Codec
	Heartbeat message.Heartbeat
	Interval  time.Duration // between heartbeats when nothing happens
	// ReconnectTimeout is how long no scheduler may be there before the session gives up. 0 means never.
	ReconnectTimeout time.Duration
	// Check is asked whether a scheduler's protocol suits the workers. Its error ends the session.
	Check func(transport.Protocol) error
	// Command is given every command, with a function for the answer that may be called from any
	// goroutine, once, or not at all.
	Command func(message.Command, func(message.Response))
	Log     *logging.Logger
}

// Session is one manager's conversation, over as many connections as it takes.
type Session struct {
	options           Options
	silence, patience time.Duration // the constants but for tests

	mu        sync.Mutex // guards below
	unsettled bool
	eager     bool

	wake     chan struct{} // a heartbeat is due now
	identity []byte        // of Run's goroutine; nil when a new one is due
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
	return Persist(ctx, s.options.Log, s.options.ReconnectTimeout, func(ctx context.Context) (time.Duration, error) {
		// The same one again, so that a scheduler that is still there knows the manager at once: a second
		// source of a worker manager id is refused until the first was silent for 10 s (1.26.0 to 2.9.0).
		if s.identity == nil {
			s.identity = s.options.Identity()
		}
		network := s.options.Transport
		network.Identity = s.identity
		connection, err := transport.Dial(ctx, s.options.Scheduler, network)
		if err != nil {
			return 0, err
		}
		defer connection.Close()
		if err := s.options.Check(connection.Protocol()); err != nil {
			return 0, err
		}
		begun := time.Now()
		s.options.Log.Infof("connected to scheduler %s by %s, %s commands", s.options.Scheduler, connection.Protocol(), s.options.Codec.Dialect())
		err = s.converse(ctx, connection)
		if errors.Is(err, errUnanswered) {
			// A scheduler that holds a dead connection of this identity does not hear the new one (ZMQ).
			s.identity = nil
		}
		return time.Since(begun), err
	})
}

// Persist calls visit until ctx ends, visit succeeds, its error matches ErrIncompatible,
// or it has failed for the length of limit (0: no limit). It waits between the calls, longer
// from one to the next until visit tells that it had a connection for a while.
func Persist(ctx context.Context, log *logging.Logger, limit time.Duration,
	visit func(context.Context) (connected time.Duration, err error)) error {
	var lost time.Time // since when there is no scheduler
	var said string
	retry := firstRetry
	for {
		connected, err := visit(ctx)
		if ctx.Err() != nil || err == nil {
			return nil
		}
		if errors.Is(err, ErrIncompatible) {
			return err
		}
		if connected > silence || lost.IsZero() {
			lost, said, retry = time.Now(), "", firstRetry
		}
		if limit > 0 && time.Since(lost) >= limit {
			return fmt.Errorf("%w for %.0f s: %w", ErrUnreachable, limit.Seconds(), err)
		}
		if text := err.Error(); text != said {
			said = text
			log.Warningf("%v; trying again%s", err, bound(limit))
		}
		pause := retry + time.Duration((rand.Float64()-0.5)*float64(retry))
		if limit > 0 {
			pause = min(pause, limit-time.Since(lost))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		retry = min(2*retry, lastRetry)
	}
}

func bound(limit time.Duration) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf(" for up to %s", limit)
}
