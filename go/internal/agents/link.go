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
	// maxDialing limits the connections to the scheduler that are opened at a time: all workers connect at once, but the
	// scheduler's single thread accepts them one by one.
	maxDialing = 32

	// lingerTime is how long a connection is kept open after the worker's disconnect was sent. If it is closed at once,
	// the peer's kernel may discard data that was not read yet.
	lingerTime = 100 * time.Millisecond

	// disconnectAnswerTimeout limits the wait for the answer to a disconnect, in releases that send one. A 2.3.3 scheduler
	// that sends anything, even this answer, to a worker whose connection is closed waits for it forever; after the answer
	// it sends nothing more.
	disconnectAnswerTimeout = 3 * time.Second

	// silence is how long the first heartbeat over a ZMQ connection that replaces another one may be unanswered. libzmq
	// ignores a connection with the identity of one that it has not seen ending, and loses what comes over it: the
	// scheduler's end may outlive the worker's behind a proxy or a router.
	silence = 5 * time.Second

	// redialPause is how long a worker waits before it replaces a ZMQ connection, as libzmq does: the scheduler should
	// have seen the end of the previous one by then.
	redialPause = 100 * time.Millisecond

	// flushTimeout limits how long sending the rest of the queue may take.
	flushTimeout = time.Second
)

var redial = backoff.Policy{First: 50 * time.Millisecond, Last: 2 * time.Second, Jitter: 0.25}

// link is a worker's connection to the scheduler, across reconnects. Only the loop uses it, apart from the outbox.
type link struct {
	outbox     outbox
	connection transport.Conn     // nil while disconnected
	stop       context.CancelFunc // cancels dialing; nil when not dialing
	failed     int                // consecutive failed attempts to connect
	peer       []byte             // identity of the last scheduler; empty with ZMQ, which has none
	connects   int                // number of connections so far
	heard      bool               // frames other than heartbeats may be sent over this connection
	answered   bool               // the scheduler has answered the disconnect
	ended      chan struct{}      // closed then, or when the connection is lost; nil if nobody waits for it
}

// dial connects a worker to its scheduler, once fewer than maxDialing others are connecting.
func (s *Set) dial(m *member) {
	if m.removed {
		return
	}
	if s.dialing == maxDialing {
		s.undialed = append(s.undialed, m)
		return
	}
	s.dialing++
	// Stopped by remove rather than by the end of s.ctx, since the worker still has to disconnect then.
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
	l.connects++
	// A worker that has to disconnect sends no heartbeats, so that nothing would be answered.
	l.heard = l.connects == 1 || len(l.peer) > 0 || m.disconnectSent
	l.outbox.hold(!l.heard)
	if !l.heard {
		m.closeIfSilent(l.connects)
	}
	m.set.handle(m, agent.Connected{Another: another})
	l.outbox.attach(connection)
	m.set.listen(connection, m)
}

// closeIfSilent closes a connection over which the scheduler has not sent anything in time, so that it is made again.
func (m *member) closeIfSilent(connect int) {
	time.AfterFunc(m.set.silence, func() {
		m.set.box.Put(func() {
			if l := &m.scheduler; !l.heard && l.connects == connect && l.connection != nil && !m.removed {
				m.log.Debugf("worker %s: no answer over its new connection", m.identity)
				l.connection.Close()
			}
		})
	})
}

// sendAll ends the wait for an answer over this connection.
func (l *link) sendAll() {
	if !l.heard {
		l.heard = true
		l.outbox.hold(false)
		l.outbox.flush()
	}
}

// receive handles a frame from the scheduler.
func (m *member) receive(frame []byte, _ func()) bool {
	if m.removed && m.scheduler.ended == nil {
		return true
	}
	m.scheduler.sendAll()
	received, err := m.set.options.Codec.Decode(m.set.shared.dedup(frame))
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

// closed handles the loss of the connection: it reconnects.
func (m *member) closed(err error) {
	m.log.Debugf("worker %s: %v", m.identity, err)
	l := &m.scheduler
	l.connection.Close()
	l.connection = nil
	l.outbox.attach(nil)
	if !m.removed {
		m.set.handle(m, agent.Disconnected{})
	}
	l.end()
	if len(l.peer) > 0 {
		m.set.dial(m)
		return
	}
	time.AfterFunc(redialPause, func() { m.set.box.Put(func() { m.set.dial(m) }) })
}

func (l *link) end() {
	if l.ended != nil {
		close(l.ended)
		l.ended = nil
	}
}

// finish flushes the outbox and closes the connection.
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
	if s.options.Codec.AnswersDisconnect() {
		wait = s.answer
	}
	ended := make(chan struct{})
	l.ended = ended
	s.run(func() {
		defer connection.Close()
		select {
		case <-l.outbox.flushed():
		case <-time.After(flushTimeout):
			return
		}
		select {
		case <-ended:
		case <-time.After(wait):
		}
	})
}
