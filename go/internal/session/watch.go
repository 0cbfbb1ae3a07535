package session

import (
	"context"
	"fmt"
	"sync"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// Watch is an idle connection on which a manager that sends no heartbeats notices that the scheduler exits or comes
// back. Schedulers ignore a connection on which nothing is sent (1.26.6 to 2.9.0).
type Watch struct {
	// Connected is called each time there is a connection that Probe can judge by. May be nil; set it before Run.
	Connected func()

	link link

	mu         sync.Mutex     // guards below
	connection transport.Conn // nil when there is none
	reason     error          // why Probe closed the connection; nil if it did not
}

// NewWatch returns a Watch; Run starts it.
func NewWatch(l Link) *Watch { return &Watch{link: newLink(l)} }

// Run watches the scheduler until ctx ends, which is no error, or the error is permanent: it then matches
// ErrIncompatible, ErrUnreachable, or *transport.WrongServerError.
func (w *Watch) Run(ctx context.Context) error {
	again := false
	return w.link.keepConnected(ctx, func(ctx context.Context, connection transport.Conn) error {
		if again {
			w.link.Log.Infof("scheduler %s is back", w.link.Scheduler)
		}
		again = true
		w.set(connection)
		if w.Connected != nil {
			w.Connected()
		}
		defer w.set(nil)
		stop := context.AfterFunc(ctx, func() { connection.Close() })
		defer stop()
		for {
			frame, err := connection.Receive()
			if err != nil {
				if reason := w.closeReason(); reason != nil {
					return reason
				}
				return w.link.explain(err)
			}
			if message.Published(frame) {
				return fmt.Errorf("cannot talk to %s: %w", w.link.Scheduler, transport.MonitorError(w.link.Scheduler))
			}
		}
	})
}

// Probe returns whether the scheduler answers a new connection. If not, the watch drops its own and reconnects: a
// scheduler that hangs never closes it.
func (w *Watch) Probe(ctx context.Context) bool {
	w.mu.Lock()
	connection := w.connection
	w.mu.Unlock()
	if connection == nil {
		return false
	}
	if _, err := transport.Probe(ctx, w.link.Scheduler, w.link.Transport); err != nil {
		w.mu.Lock()
		w.reason = fmt.Errorf("the scheduler does not answer any more: %w", err)
		w.mu.Unlock()
		connection.Close()
		return false
	}
	return true
}

func (w *Watch) set(connection transport.Conn) {
	w.mu.Lock()
	w.connection, w.reason = connection, nil
	w.mu.Unlock()
}

func (w *Watch) closeReason() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reason
}
