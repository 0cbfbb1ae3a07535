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
	// handshakeTimeout limits the handshake of a processor.
	handshakeTimeout = 10 * time.Second

	// claimTimeout is how long a connection may wait for the host to report its process as a processor.
	claimTimeout = 10 * time.Second

	// exitDrainTimeout limits the reading of what a processor sent before it exited. Normally its exit closes the
	// connection, but children may have inherited the socket.
	exitDrainTimeout = 100 * time.Millisecond
)

// peer is the connection of a processor. Only the loop uses it, apart from the outbox.
type peer struct {
	set        *Set
	connection *processors.Peer
	outbox     outbox
	owner      *member            // nil until the host has reported the processor
	early      []protocol.Message // received before that
	ended      bool               // the connection is closed
	unread     bool               // the processor has not read everything
	tasked     bool               // the last frame sent to it was a task
	status     *syscall.WaitStatus
}

// accept accepts connections of processors until the listener is closed.
func (s *Set) accept() {
	for {
		connection, err := s.options.Listener.Accept()
		if err != nil {
			select {
			case <-s.closed:
				return
			case <-s.ctx.Done():
				return
			case <-time.After(handshakeTimeout / 100): // out of file descriptors
				s.options.Log.Errorf("cannot accept the connection of a processor: %v", err)
			}
			continue
		}
		s.run(func() { s.serve(connection) })
	}
}

// serve performs the handshake with a processor.
func (s *Set) serve(connection *processors.Peer) {
	stop := context.AfterFunc(s.ctx, func() { connection.Close() })
	err := connection.Open(handshakeTimeout)
	stop()
	if err != nil {
		s.options.Log.Debugf("process %d is not a processor: %v", connection.Pid(), err)
		connection.Close()
		return
	}
	s.do(func() { s.addPeer(connection) })
}

// send sends a frame to the processor.
func (p *peer) send(frame []byte, task bool) {
	p.tasked = task
	p.outbox.put(frame)
	p.outbox.flush()
}

// addPeer adds a new connection. The host may not have reported its processor yet.
func (s *Set) addPeer(connection *processors.Peer) {
	if s.ctx.Err() != nil {
		connection.Close()
		return
	}
	p := &peer{set: s, connection: connection}
	p.outbox.limit = processorLimit
	if m := s.byPid[connection.Pid()]; m != nil {
		s.adopt(m, p)
	} else {
		s.keepUnclaimed(p)
	}
	s.peers[p] = true
	p.outbox.attach(connection)
	s.listen(connection, p)
}

// keepUnclaimed keeps a connection until the host reports the processor.
func (s *Set) keepUnclaimed(p *peer) {
	pid := p.connection.Pid()
	if former := s.unclaimed[pid]; former != nil {
		former.close()
	}
	s.unclaimed[pid] = p
	time.AfterFunc(claimTimeout, func() {
		s.box.Put(func() {
			if s.unclaimed[pid] == p {
				s.options.Log.Warningf("process %d connected like a processor but is not one", pid)
				delete(s.unclaimed, pid)
				p.close()
			}
		})
	})
}

// claim assigns an unclaimed connection to a processor that the host has just reported.
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

// log returns the logger for lines about this processor.
func (p *peer) log() *logging.Logger {
	log := p.set.options.Log
	if p.owner != nil {
		log = p.owner.log
	}
	return log.With(logging.Fields{Processor: p.connection.Pid()})
}

// maxEarly limits the messages of an unclaimed connection: a processor reports that it is ready, then waits for a task.
const maxEarly = 16

// receive handles a frame from a processor, unless the queue to the scheduler is full.
func (p *peer) receive(frame []byte, again func()) bool {
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
			p.set.measureMemory(m, pid)
		}
		p.set.handle(m, agent.FromProcessor{Pid: pid, Message: message})
	}
	return true
}

// closed handles the end of the connection. The peer hangs up once nothing is being sent to it.
func (p *peer) closed(err error) {
	p.close()
	delete(p.set.peers, p)
	// Linux resets a unix socket whose peer was closed with unread data (unix(7)).
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

// hangUp tells the agent that the connection is closed.
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
		// Frames are read in order: if the last one was a task, it is unread if anything is.
		if p.tasked && (p.unread || p.outbox.waiting() > 0) {
			s.handle(m, agent.TaskUnread{Pid: pid})
		}
		s.processorEnded(m, pid, *p.status)
	}
}

// processEnded handles the exit of the processor. The agent is told after it has received everything that the processor
// sent before, which may include a result.
func (p *peer) processEnded(status syscall.WaitStatus) {
	p.status = &status
	if p.ended {
		p.owner.set.hangUp(p)
		return
	}
	time.AfterFunc(exitDrainTimeout, p.close)
}

func (p *peer) close() { p.connection.Close() }
