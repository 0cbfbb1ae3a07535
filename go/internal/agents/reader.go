package agents

import (
	"net"
	"syscall"
)

// scratchSize is how many bytes are read from one connection before the next one is served.
const scratchSize = 64 << 10

// source is the receiving side of a connection: see transport.Conn.
type source interface {
	Receive() ([]byte, error)
	ReceiveSome(scratch []byte, take func(frame []byte) bool) error
	Socket(ended func()) syscall.RawConn
}

// receiver handles the frames of a connection, in the loop.
type receiver interface {
	// receive handles a frame. If it returns false, the frame is delivered again after again was called, on any goroutine.
	receive(frame []byte, again func()) bool
	// closed handles the end of the connection.
	closed(err error)
}

// reader reads a connection in the loop whenever it is readable.
type reader struct {
	from   source
	socket syscall.RawConn
	to     receiver
	again  func() // schedules a read
	full   bool   // a frame is waiting to be delivered again
}

// listen begins to read a connection.
func (s *Set) listen(from source, to receiver) {
	if s.poller == nil || !s.watch(from, to) {
		s.run(func() { s.wait(from, to) })
	}
}

// watch reads a connection through the poller. It returns false if that is not possible.
func (s *Set) watch(from source, to receiver) bool {
	s.tokens++
	token := s.tokens
	again := func() { s.poller.Wake(token) }
	socket := from.Socket(again)
	if socket == nil || s.poller.Add(socket, token) != nil {
		return false
	}
	s.goroutines.Add(1) // Run waits for readers as for goroutines
	s.readers[token] = &reader{from: from, socket: socket, to: to, again: again}
	again() // the handshake may have read ahead
	return true
}

// read reads a connection once.
func (s *Set) read(token uint64) {
	r := s.readers[token]
	if r == nil {
		return // closed meanwhile
	}
	full := false
	err := r.from.ReceiveSome(s.scratch, func(frame []byte) bool {
		full = !r.to.receive(frame, r.again)
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
		r.to.closed(err)
		s.goroutines.Done()
	}
}

// wait reads a connection that the poller cannot watch, in a goroutine.
func (s *Set) wait(from source, to receiver) {
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
			s.do(func() { heard <- to.receive(frame, again) })
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
				to.closed(err)
				heard <- true
			})
			<-heard // Run must not stop the loop before this
			return
		}
	}
}
