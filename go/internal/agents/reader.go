package agents

import (
	"net"
	"syscall"
)

// scratchSize is how much is read of one connection before the next one has its turn.
const scratchSize = 64 << 10

// source is the receiving side of a connection: see transport.Conn.
type source interface {
	Receive() ([]byte, error)
	ReceiveSome(scratch []byte, take func(frame []byte) bool) error
	Socket(ended func()) syscall.RawConn
}

// hearer is who a connection is read for, in the loop.
type hearer interface {
	// hear takes a message. False has the connection wait with it until again is called, from any goroutine, or it is
	// closed.
	hear(frame []byte, again func()) bool
	// over says that there is nothing more to hear, and why.
	over(err error)
}

// reader reads a connection in the loop, whenever there is something.
type reader struct {
	from   source
	socket syscall.RawConn
	to     hearer
	again  func() // has the loop look at it
	full   bool   // it waits with a message
}

// listen has a connection be read.
func (s *Set) listen(from source, to hearer) {
	if s.poller == nil || !s.watch(from, to) {
		s.run(func() { s.wait(from, to) })
	}
}

// watch has it be read without a goroutine that waits for it, and says whether that is possible.
func (s *Set) watch(from source, to hearer) bool {
	s.tokens++
	token := s.tokens
	again := func() { s.poller.Wake(token) }
	socket := from.Socket(again)
	if socket == nil || s.poller.Add(socket, token) != nil {
		return false
	}
	s.goroutines.Add(1) // Run has to wait for it as for a goroutine
	s.readers[token] = &reader{from: from, socket: socket, to: to, again: again}
	again() // for what the greeting has read ahead
	return true
}

// read reads a connection once.
func (s *Set) read(token uint64) {
	r := s.readers[token]
	if r == nil {
		return // it has ended meanwhile
	}
	full := false
	err := r.from.ReceiveSome(s.scratch, func(frame []byte) bool {
		full = !r.to.hear(frame, r.again)
		return !full
	})
	switch {
	case err != nil:
	case full && !r.full:
		err = s.poller.Remove(r.socket)
	case !full && r.full:
		err = s.poller.Add(r.socket, token)
	}
	r.full = full
	if err != nil {
		delete(s.readers, token)
		r.to.over(err)
		s.goroutines.Done()
	}
}

// wait reads a connection that is no plain socket, in a goroutine.
func (s *Set) wait(from source, to hearer) {
	room, closed := make(chan struct{}, 1), make(chan struct{})
	from.Socket(func() { close(closed) })
	again := func() {
		select {
		case room <- struct{}{}:
		default:
		}
	}
	heard := make(chan bool, 1)
	for {
		frame, err := from.Receive()
		for err == nil {
			s.do(func() { heard <- to.hear(frame, again) })
			if <-heard {
				break
			}
			select {
			case <-room:
			case <-closed:
				err = net.ErrClosed
			}
		}
		if err != nil {
			s.do(func() {
				to.over(err)
				heard <- true
			})
			<-heard // only then may Run cease to wait for this
			return
		}
	}
}
