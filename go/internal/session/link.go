package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// A Link is how a scheduler is reached, and who is told of its coming and going.
type Link struct {
	Scheduler address.Address
	Transport transport.Options
	// Identity makes a new identity for a connection; the one of Transport is not used but with First.
	Identity func() []byte
	// First is a connection that there is already, with the identity of Transport. May be nil.
	First transport.Conn
	// ReconnectTimeout is how long no scheduler may be there before it is given up. 0 means never.
	ReconnectTimeout time.Duration
	// Check is asked whether a scheduler's protocol suits the workers. Its error ends the connection, and all
	// of it if it matches ErrIncompatible.
	Check func(transport.Protocol) error
	// Found is called when there is a connection; another tells that the scheduler is not the one of the connection
	// before. Lost is called when it has ended, or there is none to begin with, and after it Gone as soon as it is
	// certain that the next scheduler is another one. They are called from the goroutine of Run, and may be nil.
	// With ZMQ schedulers are not told apart.
	Found func(another bool)
	Lost  func()
	Gone  func()
	Log   *logging.Logger
}

// link is a Link in use.
type link struct {
	Link
	identity []byte // nil when a new one is due
	peer     []byte // the scheduler of the last connection; empty before the first, and with ZMQ
	lost     bool   // Lost was called after the last Found
	gone     bool   // and Gone
}

// keep has one connection after the other, and calls converse with each, until ctx ends or there is no use.
func (l *link) keep(ctx context.Context, converse func(context.Context, transport.Conn) error) error {
	return Persist(ctx, l.Log, l.ReconnectTimeout, func(ctx context.Context) (time.Duration, error) {
		connection, err := l.connect(ctx)
		if err != nil {
			l.lose(ctx)
			l.judge(err)
			return 0, err
		}
		defer connection.Close()
		begun := time.Now()
		l.found(connection.Peer())
		err = converse(ctx, connection)
		if errors.Is(err, errUnanswered) {
			// A scheduler that holds a dead connection of this identity does not hear the new one (ZMQ).
			l.identity = nil
		}
		l.lose(ctx)
		return time.Since(begun), err
	})
}

func (l *link) connect(ctx context.Context) (transport.Conn, error) {
	if first := l.First; first != nil {
		l.First, l.identity = nil, l.Transport.Identity
		return first, nil
	}
	// The same one again, so that a scheduler that is still there knows the manager at once: a second
	// source of a worker manager id is refused until the first was silent for 10 s (1.26.0 to 2.9.0).
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

func (l *link) found(peer []byte) {
	another := len(l.peer) > 0 && len(peer) > 0 && !bytes.Equal(peer, l.peer)
	l.peer, l.lost, l.gone = peer, false, false
	if l.Found != nil {
		l.Found(another)
	}
}

func (l *link) lose(ctx context.Context) {
	if l.lost || ctx.Err() != nil {
		return
	}
	l.lost = true
	if l.Lost != nil {
		l.Lost()
	}
}

// judge tells of a scheduler that has ended: nothing listens any more where it did.
func (l *link) judge(err error) {
	if l.gone || l.Gone == nil || len(l.peer) == 0 {
		return
	}
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT) { // the latter with ipc
		l.gone = true
		l.Gone()
	}
}

// explain says what the end of a connection means.
func (l Link) explain(err error) error {
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("the scheduler %s closed the connection", l.Scheduler)
	}
	return fmt.Errorf("lost the scheduler %s: %w", l.Scheduler, err)
}
