package agents

import (
	"context"
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/processors"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

const (
	// greetTime bounds the greeting of a processor.
	greetTime = 10 * time.Second

	// claimTime is how long a connection waits for the host's word that its process is a processor.
	claimTime = 10 * time.Second

	// drainTime is how long what a processor sent before its end may take to be read. Its end ends the connection, unless
	// it has children that hold it open.
	drainTime = 100 * time.Millisecond
)

// peer is the connection of a processor. It belongs to the loop, but for the outbox.
type peer struct {
	connection *processors.Peer
	closed     context.Context
	end        context.CancelFunc
	outbox     outbox
	owner      *member            // nil until the host has told of the processor
	early      []protocol.Message // what it said before
	ended      bool               // nothing more is to be read
	unread     bool               // what it was told last, it has not read
	tasked     bool               // that was a task
	status     *syscall.WaitStatus
}

// accept takes the connections of processors until the listener is closed.
func (s *Set) accept() {
	for {
		connection, err := s.options.Listener.Accept()
		if err != nil {
			select {
			case <-s.closed:
				return
			case <-s.ctx.Done():
				return
			case <-time.After(greetTime / 100): // no descriptors left
				s.options.Log.Errorf("cannot take the connection of a processor: %v", err)
			}
			continue
		}
		s.run(func() { s.serve(connection) })
	}
}

// serve reads what a processor says.
func (s *Set) serve(connection *processors.Peer) {
	p := &peer{connection: connection}
	p.closed, p.end = context.WithCancel(s.ctx)
	p.outbox.limit = processorLimit
	defer p.close()
	stop := context.AfterFunc(s.ctx, p.close)
	defer stop()
	if err := connection.Open(greetTime); err != nil {
		s.options.Log.Debugf("process %d is no processor: %v", connection.Pid(), err)
		return
	}
	if !s.do(func() { s.welcome(p) }) {
		return
	}
	p.outbox.attach(connection)
	err := s.listen(p)
	connection.Close()
	p.outbox.detach()
	s.do(func() {
		// A socket whose other end is closed with something in it that was not read is reset (unix(7), Linux).
		p.unread = errors.Is(err, syscall.ECONNRESET)
		s.hangUp(p)
	})
}

// listen returns why there is nothing more to hear.
func (s *Set) listen(p *peer) error {
	room := make(chan (<-chan struct{}), 1)
	for {
		frame, err := p.connection.Receive()
		if err == nil {
			err = s.receive(p, frame, room)
		}
		if err != nil {
			return err
		}
	}
}

// receive is apart from the wait for a frame: see that of a member. room is to be used again.
func (s *Set) receive(p *peer, frame []byte, room chan (<-chan struct{})) error {
	received, err := s.options.Codec.Decode(frame)
	if err != nil {
		s.options.Log.Warningf("ignoring a message of processor %d: %v", p.connection.Pid(), err)
		return nil
	}
	if !s.do(func() { room <- s.hear(p, received) }) {
		return net.ErrClosed
	}
	if full := <-room; full != nil {
		select {
		case <-full:
		case <-p.closed.Done():
			return net.ErrClosed
		}
	}
	return nil
}

// tell sends a frame to the processor.
func (p *peer) tell(frame []byte, task bool) {
	p.tasked = task
	p.outbox.put(frame)
	p.outbox.flush()
}

// welcome takes a new connection. It may come before the host's word of the fork.
func (s *Set) welcome(p *peer) {
	pid := p.connection.Pid()
	if m := s.byPid[pid]; m != nil {
		s.adopt(m, p)
		return
	}
	if former := s.unclaimed[pid]; former != nil {
		former.close()
	}
	s.unclaimed[pid] = p
	time.AfterFunc(claimTime, func() {
		s.box.Put(func() {
			if s.unclaimed[pid] == p {
				s.options.Log.Warningf("process %d connected like a processor and is none", pid)
				delete(s.unclaimed, pid)
				p.close()
			}
		})
	})
}

// claim gives a processor that the host has told of the connection that it made already.
func (s *Set) claim(m *member, pid int) {
	p := s.unclaimed[pid]
	if p == nil || m.removed {
		return
	}
	delete(s.unclaimed, pid)
	s.adopt(m, p)
	for _, message := range p.early {
		s.handle(m, agent.FromProcessor{Pid: pid, Message: message})
	}
	p.early = nil
}

func (s *Set) adopt(m *member, p *peer) {
	pid := p.connection.Pid()
	if former := m.peers[pid]; former != nil {
		former.close()
	}
	p.owner, m.peers[pid] = m, p
}

// maxEarly bounds what an unclaimed connection may say: a processor says that it is ready, and then waits for a task.
const maxEarly = 16

// hear returns what to wait for before more is heard; nil when that is nothing.
func (s *Set) hear(p *peer, message protocol.Message) <-chan struct{} {
	switch m := p.owner; {
	case m == nil && len(p.early) < maxEarly:
		p.early = append(p.early, message)
	case m != nil && !m.removed && m.peers[p.connection.Pid()] == p:
		s.handle(m, agent.FromProcessor{Pid: p.connection.Pid(), Message: message})
		return m.scheduler.outbox.room()
	}
	return nil
}

// hangUp says that nothing more is to be read.
func (s *Set) hangUp(p *peer) {
	p.ended = true
	pid := p.connection.Pid()
	if s.unclaimed[pid] == p {
		delete(s.unclaimed, pid)
	}
	if m := p.owner; m != nil && m.peers[pid] == p && !m.removed {
		if p.status == nil {
			s.handle(m, agent.ProcessorHungUp{Pid: pid})
			return
		}
		// What is read in the order in which it was told is all read, or the last of it is not.
		if p.tasked && (p.unread || p.outbox.waiting() > 0) {
			s.handle(m, agent.TaskUnread{Pid: pid})
		}
		s.processorEnded(m, pid, *p.status)
	}
}

// processEnded says that the processor's process is no more. Its agent hears of that once it has heard what the processor
// said before: its last words may be a result.
func (p *peer) processEnded(status syscall.WaitStatus) {
	p.status = &status
	if p.ended {
		p.owner.set.hangUp(p)
		return
	}
	time.AfterFunc(drainTime, p.close)
}

func (p *peer) close() {
	p.end()
	p.connection.Close()
}
