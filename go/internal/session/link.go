package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// A Link describes how to reach a scheduler, and the callbacks for when it is found or lost.
type Link struct {
	Scheduler address.Address
	Transport transport.Options
	// Identity returns a new identity for a connection. That of Transport is only used for First.
	Identity func() []byte
	// First is an already open connection with the identity of Transport. May be nil.
	First transport.Conn
	// ReconnectTimeout is how long to look for a scheduler that answers before giving up; 0 for no limit.
	ReconnectTimeout time.Duration
	// Check decides whether the workers can use a scheduler's protocol. An error ends the connection; one that matches
	// ErrIncompatible ends Run.
	Check func(transport.Protocol) error
	// Moved is called before Found if this host has another address than at the last connection: all connections from
	// the last address are dead, and nothing tells their ends. May be nil.
	Moved func()
	// Found is called when connected; another is true if the scheduler is not the one of the previous connection. Lost
	// is called when the connection has ended, or the first attempt failed. Gone follows Lost as soon as that scheduler
	// is certain to have ended. They are called from Run's goroutine and may be nil. ZMQ does not tell schedulers
	// apart: there another is false and Gone is not called.
	Found func(another bool)
	Lost  func()
	Gone  func()
	Log   *logging.Logger
}

// link is a Link in use.
type link struct {
	Link
	identity []byte // nil when a new one is needed
	peer     []byte // scheduler of the last connection; empty before the first, and with ZMQ
	lost     bool   // Lost was called since the last Found
	gone     bool   // and so was Gone
	local    net.IP // of this host at the last connection; nil if that was no address of an interface

	addressInterval time.Duration // the constant, shorter in tests
	hasAddress      func(net.IP) bool
}

func newLink(l Link) link {
	return link{Link: l, addressInterval: addressInterval, hasAddress: hasAddress}
}

// keepConnected keeps reconnecting, and calls converse with each connection, until ctx ends or the error is permanent.
func (l *link) keepConnected(ctx context.Context, converse func(context.Context, transport.Conn) error) error {
	return Retry(ctx, l.Log, l.ReconnectTimeout, func(ctx context.Context) (time.Duration, error) {
		connection, err := l.connect(ctx)
		if err != nil {
			l.markLost(ctx)
			l.reportGone(err)
			return 0, err
		}
		defer connection.Close()
		begun := time.Now()
		l.found(connection)
		stop := l.closeOnceMoved(connection)
		err = converse(ctx, connection)
		connected := time.Since(begun)
		if moved := stop(); moved != nil {
			err = moved
			l.identity = nil // the scheduler still has the dead connection
		}
		var unanswered *unansweredError
		if errors.As(err, &unanswered) {
			// A ZMQ ROUTER ignores a new connection while it still holds a dead one with the same identity.
			l.identity = nil
			connected = unanswered.answered
		}
		l.markLost(ctx)
		return connected, err
	})
}

func (l *link) connect(ctx context.Context) (transport.Conn, error) {
	if first := l.First; first != nil {
		l.First, l.identity = nil, l.Transport.Identity
		return first, nil
	}
	// Reuse the identity, so that a scheduler that is still running recognises the manager at once: it refuses a second
	// source of a worker manager id until the first has been silent for 10 s (1.26.0 to 2.9.0).
	if l.identity == nil {
		l.identity = l.Identity()
	}
	network := l.Transport
	network.Identity = l.identity
	connection, err := transport.Dial(ctx, l.Scheduler, network)
	if err != nil {
		return nil, err
	}
	if err := l.Check(connection.Protocol()); err != nil {
		connection.Close()
		return nil, err
	}
	return connection, nil
}

func (l *link) found(connection transport.Conn) {
	peer := connection.Peer()
	if l.moves(connection) && l.Moved != nil {
		l.Moved()
	}
	another := len(l.peer) > 0 && len(peer) > 0 && !bytes.Equal(peer, l.peer)
	l.peer, l.lost, l.gone = peer, false, false
	if l.Found != nil {
		l.Found(another)
	}
}

func (l *link) markLost(ctx context.Context) {
	if l.lost || ctx.Err() != nil {
		return
	}
	l.lost = true
	if l.Lost != nil {
		l.Lost()
	}
}

// reportGone calls Gone when the error of an attempt shows that nothing listens at the address any more.
func (l *link) reportGone(err error) {
	if l.gone || l.Gone == nil || len(l.peer) == 0 {
		return
	}
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT) { // ENOENT: ipc
		l.gone = true
		l.Gone()
	}
}

// explain words the end of a connection.
func (l Link) explain(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the scheduler %s closed the connection", l.Scheduler)
	}
	return fmt.Errorf("lost the scheduler %s: %w", l.Scheduler, err)
}
