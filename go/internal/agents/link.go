package agents

import (
	"bytes"
	"context"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
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

	// answerTime is how long the answer to it is waited for where there is one. A scheduler of 2.3.3 that sends anything to a
	// worker whose connection has ended, the answer too, waits for ever for it to come back; after the answer it sends nothing.
	answerTime = 3 * time.Second

	// flushTime is how long what is still to be sent may take.
	flushTime = time.Second
)

var redial = backoff.Policy{First: 50 * time.Millisecond, Last: 2 * time.Second, Jitter: 0.25}

// link is a worker's way to the scheduler, over as many connections as it takes. It belongs to the loop, but for the
// outbox.
type link struct {
	outbox     outbox
	connection transport.Conn     // nil while there is none
	stop       context.CancelFunc // ends the making of one; nil while none is made
	failed     int                // to make one, in a row
	peer       []byte             // the last scheduler; empty with ZMQ, which does not tell them apart
	answered   bool               // the scheduler has let go of the worker
	ended      chan struct{}      // closed then, or when the connection is no more; nil when nobody waits for that
}

// dial connects a worker with its scheduler, as soon as there is a place.
func (s *Set) dial(m *member) {
	if m.removed {
		return
	}
	if s.dialing == maxDialing {
		s.undialed = append(s.undialed, m)
		return
	}
	s.dialing++
	// It ends with the worker, which has a leave to take when ctx ends.
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.ctx))
	m.scheduler.stop = cancel
	s.run(func() {
		defer cancel()
		connection, err := s.options.Dial(ctx, []byte(m.identity))
		s.do(func() { s.dialed(m, connection, err) })
	})
}

func (s *Set) dialed(m *member, connection transport.Conn, err error) {
	s.dialing--
	m.scheduler.stop = nil
	switch {
	case err == nil && m.removed:
		connection.Close()
	case err == nil:
		m.scheduler.failed = 0
		m.connected(connection)
	case !m.removed:
		time.AfterFunc(redial.Delay(m.scheduler.failed), func() { s.box.Put(func() { s.dial(m) }) })
		m.scheduler.failed++
	}
	for len(s.undialed) > 0 && s.dialing < maxDialing {
		next := s.undialed[0]
		s.undialed = s.undialed[1:]
		s.dial(next)
	}
}

func (m *member) connected(connection transport.Conn) {
	l := &m.scheduler
	another := len(l.peer) > 0 && !bytes.Equal(l.peer, connection.Peer())
	l.peer, l.connection = connection.Peer(), connection
	m.set.handle(m, agent.Connected{Another: another})
	l.outbox.attach(connection)
	m.set.listen(connection, m)
}

// hear takes what the scheduler says.
func (m *member) hear(frame []byte, _ func()) bool {
	if m.removed && m.scheduler.ended == nil {
		return true
	}
	received, err := m.set.options.Codec.Decode(m.set.shared.one(frame))
	if _, ok := received.(protocol.DisconnectResponse); ok {
		m.scheduler.answered = true
		m.scheduler.end()
	}
	switch {
	case m.removed:
		return true
	case err != nil:
		m.log.Warningf("worker %s ignores a message of the scheduler: %v", m.identity, err)
		return true
	}
	m.set.handle(m, agent.FromScheduler{Message: received})
	return true
}

// over has the connection be made again.
func (m *member) over(err error) {
	m.log.Debugf("worker %s: %v", m.identity, err)
	l := &m.scheduler
	l.connection.Close()
	l.connection = nil
	l.outbox.attach(nil)
	if !m.removed {
		m.set.handle(m, agent.Disconnected{})
	}
	l.end()
	m.set.dial(m)
}

func (l *link) end() {
	if l.ended != nil {
		close(l.ended)
		l.ended = nil
	}
}

// finish sends what is still to be sent, and closes the connection.
func (l *link) finish(s *Set) {
	if l.stop != nil {
		l.stop()
	}
	connection := l.connection
	if connection == nil {
		return
	}
	if l.answered {
		s.run(func() { connection.Close() })
		return
	}
	wait := s.leave
	if s.options.Codec.AnswersLeave() {
		wait = s.answer
	}
	ended := make(chan struct{})
	l.ended = ended
	s.run(func() {
		defer connection.Close()
		select {
		case <-l.outbox.flushed():
		case <-time.After(flushTime):
			return
		}
		select {
		case <-ended:
		case <-time.After(wait):
		}
	})
}
