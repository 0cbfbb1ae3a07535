package agents

import (
	"bytes"
	"context"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

const (
	// maxDialing bounds the connections to the scheduler that are made at a time: all workers come at once, and a
	// scheduler's single thread greets one after the other.
	maxDialing = 32

	// leaveTime is how long a connection is kept after the worker's leave was sent over it: to close it at once may have
	// the kernel of the other side throw away what it has not read.
	leaveTime = 100 * time.Millisecond

	// flushTime is how long what is still to be sent may take.
	flushTime = time.Second
)

var redial = backoff.Policy{First: 50 * time.Millisecond, Last: 2 * time.Second, Jitter: 0.25}

// link is a worker's way to the scheduler, over as many connections as it takes.
type link struct {
	outbox outbox
	cancel context.CancelFunc
	ended  chan struct{} // the reader has ended
}

// connect begins to keep a connection.
func (m *member) connect() {
	ctx, cancel := context.WithCancel(context.WithoutCancel(m.set.ctx))
	m.scheduler.cancel = cancel
	m.scheduler.ended = make(chan struct{})
	m.set.run(func() {
		defer close(m.scheduler.ended)
		m.keep(ctx)
	})
}

// keep connects again and again, until ctx ends.
func (m *member) keep(ctx context.Context) {
	var peer []byte // the last scheduler; empty with ZMQ, which does not tell them apart
	for failed := 0; ctx.Err() == nil; {
		connection, err := m.dial(ctx)
		if err != nil {
			if !backoff.Wait(ctx, redial.Delay(failed)) {
				return
			}
			failed++
			continue
		}
		failed = 0
		another := len(peer) > 0 && !bytes.Equal(peer, connection.Peer())
		peer = connection.Peer()
		m.converse(ctx, connection, another)
		connection.Close()
	}
}

func (m *member) dial(ctx context.Context) (transport.Conn, error) {
	select {
	case m.set.dialing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-m.set.dialing }()
	return m.set.options.Dial(ctx, []byte(m.identity))
}

func (m *member) converse(ctx context.Context, connection transport.Conn, another bool) {
	stop := context.AfterFunc(ctx, func() { connection.Close() })
	m.connected(connection, another)
	for {
		frame, err := connection.Receive()
		if err != nil {
			m.disconnected(err)
			break
		}
		m.receive(frame)
	}
	stop()
}

func (m *member) connected(connection transport.Conn, another bool) {
	m.give(agent.Connected{Another: another}, func() { m.scheduler.outbox.attach(connection) })
}

func (m *member) disconnected(err error) {
	m.set.options.Log.Debugf("worker %s: %v", m.identity, err)
	m.scheduler.outbox.attach(nil)
	m.give(agent.Disconnected{}, nil)
}

// receive is apart from the wait for a frame: what a reader has on its stack while it waits, a thousand of them have.
func (m *member) receive(frame []byte) {
	received, err := m.set.options.Codec.Decode(m.set.shared.one(frame))
	if err != nil {
		m.set.options.Log.Warningf("worker %s ignores a message of the scheduler: %v", m.identity, err)
		return
	}
	m.give(agent.FromScheduler{Message: received}, nil)
}

// give hands an event to the agent, in the goroutine of a reader. after runs next, in the loop.
func (m *member) give(event agent.Event, after func()) {
	m.set.do(func() {
		if m.removed {
			return
		}
		m.set.handle(m, event)
		if after != nil {
			after()
		}
	})
}

// finish sends what is still to be sent, and closes the connection.
func (l *link) finish(s *Set) {
	if l.cancel == nil {
		return
	}
	s.run(func() {
		defer l.cancel()
		select {
		case <-l.outbox.flushed():
		case <-time.After(flushTime):
			return
		}
		select {
		case <-l.ended:
		case <-time.After(leaveTime):
		}
	})
}
