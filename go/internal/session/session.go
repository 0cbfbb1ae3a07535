// Package session is the manager's session with the scheduler: it connects, sends heartbeats, passes on commands, and
// reconnects. It knows nothing about processes.
package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// ErrIncompatible matches errors that waiting does not fix: the installed workers cannot talk to this scheduler.
var ErrIncompatible = errors.New("scheduler and workers cannot talk to each other")

// ErrUnreachable matches when there was no scheduler for Link.ReconnectTimeout.
var ErrUnreachable = errors.New("no scheduler")

// unansweredError ends a connection on which the scheduler does not answer heartbeats.
type unansweredError struct {
	scheduler string
	answered  time.Duration // for how long it did, since the connection began
}

func (e *unansweredError) Error() string {
	return fmt.Sprintf("lost the scheduler %s: it does not answer heartbeats", e.scheduler)
}

const (
	// silence is how long heartbeats may go unanswered before a warning is logged. A scheduler itself drops a manager
	// after 10 s (1.26.0 to 2.9.0).
	silence = 5 * time.Second

	// patience is how long heartbeats may go unanswered before the connection is given up. It is longer than those
	// 10 s: a scheduler that still knows another source of the same id ignores this one until then.
	patience = 15 * time.Second

	// maxHold bounds how long a heartbeat waits for starting workers to register: well below those 10 s, and longer
	// than a start takes.
	maxHold = 4 * time.Second

	// minGap is the minimum time between two heartbeats, so that many managers do not overload a scheduler.
	minGap = 10 * time.Millisecond
)

// Options configure a Session.
type Options struct {
	Link
	Codec     message.Codec
	Heartbeat message.Heartbeat
	Interval  time.Duration // between heartbeats when nothing happens
	// Command receives every command with a function to answer it, which any goroutine may call, at most once.
	Command func(message.Command, func(message.Response))
}

// Session is one manager's session, across reconnects.
type Session struct {
	options                 Options
	silence, patience, fast time.Duration // the constants, except in tests

	mu       sync.Mutex // guards below
	unstable bool
	pace     Pace
	offered  uint32 // the most workers, as Heartbeat.MaxTaskConcurrency

	subscription *subscription
	latency      atomic.Int64 // see Latency

	wake   chan struct{} // asks for a heartbeat now
	stable chan struct{} // asks for one if it is held back
}

// New makes a session; Run starts it.
func New(options Options) *Session {
	return &Session{
		options:      options,
		silence:      silence,
		patience:     patience,
		fast:         fastInterval,
		offered:      options.Heartbeat.MaxTaskConcurrency,
		subscription: newSubscription(),
		wake:         make(chan struct{}, 1),
		stable:       make(chan struct{}, 1),
	}
}

// SetStable sets whether every started worker has registered with the scheduler. Until then heartbeats are held back:
// schedulers up to 2.3.3 start another worker on each heartbeat that finds too few of them registered. A heartbeat that
// was held back is sent at once when this becomes true.
func (s *Session) SetStable(stable bool) {
	s.mu.Lock()
	became := stable && s.unstable
	s.unstable = !stable
	s.mu.Unlock()
	if became {
		signal(s.stable)
	}
}

// Offer changes the maximum number of workers that the scheduler is told, and sends a heartbeat at once.
func (s *Session) Offer(workers uint32) {
	s.mu.Lock()
	changed := workers != s.offered
	s.offered = workers
	s.mu.Unlock()
	if changed {
		s.HeartbeatNow()
	}
}

// heartbeat returns the heartbeat to send now.
func (s *Session) heartbeat() message.Heartbeat {
	s.mu.Lock()
	defer s.mu.Unlock()
	heartbeat := s.options.Heartbeat
	heartbeat.MaxTaskConcurrency = s.offered
	return heartbeat
}

// HeartbeatNow sends a heartbeat without waiting for the interval: a scheduler considers scaling only when one arrives.
func (s *Session) HeartbeatNow() { signal(s.wake) }

// Latency returns how long the scheduler took to answer the last heartbeat; 0 before the first answer.
func (s *Session) Latency() time.Duration { return time.Duration(s.latency.Load()) }

// signal sends without blocking; an unread signal stands for both.
func signal(to chan<- struct{}) {
	select {
	case to <- struct{}{}:
	default:
	}
}

// Run talks to the scheduler until ctx ends, which is no error, or the error is permanent: it then matches
// ErrIncompatible, ErrUnreachable, or *transport.WrongServerError.
func (s *Session) Run(ctx context.Context) error {
	l := newLink(s.options.Link)
	return l.keepConnected(ctx, func(ctx context.Context, connection transport.Conn) error {
		s.options.Log.Infof("connected to scheduler %s by %s, %s commands",
			s.options.Scheduler, connection.Protocol(), s.options.Codec.Dialect())
		return s.converse(ctx, connection)
	})
}
