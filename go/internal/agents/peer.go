package agents

import (
	"context"
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/processors"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
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
	set        *Set
	connection *processors.Peer
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

// serve greets a processor.
func (s *Set) serve(connection *processors.Peer) {
	stop := context.AfterFunc(s.ctx, func() { connection.Close() })
	err := connection.Open(greetTime)
	stop()
	if err != nil {
		s.options.Log.Debugf("process %d is no processor: %v", connection.Pid(), err)
		connection.Close()
		return
	}
	s.do(func() { s.welcome(connection) })
}

// tell sends a frame to the processor.
func (p *peer) tell(frame []byte, task bool) {
	p.tasked = task
	p.outbox.put(frame)
	p.outbox.flush()
}

// welcome takes a new connection. It may come before the host's word of the fork.
func (s *Set) welcome(connection *processors.Peer) {
	if s.ctx.Err() != nil {
		connection.Close()
		return
	}
	p := &peer{set: s, connection: connection}
	p.outbox.limit = processorLimit
	if m := s.byPid[connection.Pid()]; m != nil {
		s.adopt(m, p)
	} else {
		s.keep(p)
	}
	s.peers[p] = true
	p.outbox.attach(connection)
	s.listen(connection, p)
}

// keep keeps a connection until the host tells of the processor.
func (s *Set) keep(p *peer) {
	pid := p.connection.Pid()
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

// log is for lines about the processor.
func (p *peer) log() *logging.Logger {
	log := p.set.options.Log
	if p.owner != nil {
		log = p.owner.log
	}
	return log.With(logging.Fields{Processor: p.connection.Pid()})
}

// maxEarly bounds what an unclaimed connection may say: a processor says that it is ready, and then waits for a task.
const maxEarly = 16

// hear takes what a processor says, while the scheduler can be told of it.
func (p *peer) hear(frame []byte, again func()) bool {
	m := p.owner
	if m != nil && !m.removed && !m.scheduler.outbox.hasRoom(again) {
		return false
	}
	pid := p.connection.Pid()
	message, err := p.set.options.Codec.Decode(frame)
	switch {
	case err != nil:
		p.log().Warningf("ignoring a message of processor %d: %v", pid, err)
	case m == nil && len(p.early) < maxEarly:
		p.early = append(p.early, message)
	case m != nil && !m.removed && m.peers[pid] == p:
		if _, ends := message.(protocol.TaskResult); ends {
			p.set.weigh(m, pid)
		}
		p.set.handle(m, agent.FromProcessor{Pid: pid, Message: message})
	}
	return true
}

// over has the processor hang up once nothing is being sent to it.
func (p *peer) over(err error) {
	p.close()
	delete(p.set.peers, p)
	// A socket whose other end is closed with something in it that was not read is reset (unix(7), Linux).
	p.unread = errors.Is(err, syscall.ECONNRESET)
	stopped := p.outbox.detach()
	if stopped == nil {
		p.set.hangUp(p)
		return
	}
	p.set.run(func() {
		<-stopped
		p.set.do(func() { p.set.hangUp(p) })
	})
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

func (p *peer) close() { p.connection.Close() }
