// Package zmq speaks ZMTP 3 over a byte stream, one frame a message, without security: as a DEALER that connects to a
// ROUTER, as a ROUTER to which a DEALER connects, and as a SUB that connects to a PUB.
//
// Greeting, metadata and outgoing frames are go-zeromq/zmq4's. Incoming frames are read here: the library (v0.17.0)
// allocates any length that a peer announces, answers a PING without its context, and writes that answer in several
// pieces that a concurrent send can fall between.
package zmq

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/go-zeromq/zmq4"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// MaxIdentity is ZMTP's limit for an identity, in bytes.
const MaxIdentity = 255

// Conn carries messages. One goroutine may receive while others send.
type Conn struct {
	wire     *wire
	maxFrame int

	encoding sync.Mutex // held from a frame's first byte into wire until it is taken, not over a write
	library  *zmq4.Conn

	frames  stream.Frames
	ponging atomic.Bool // the answer to a PING that ReceiveSome read waits for the peer to read
}

// Open performs the handshake with a ROUTER. identity has at most MaxIdentity bytes; maxFrame is in bytes. The caller
// closes the stream on an error.
func Open(s *stream.Stream, identity []byte, maxFrame int) (*Conn, error) {
	if len(identity) > MaxIdentity {
		return nil, fmt.Errorf("identity of %d bytes, ZMQ allows %d", len(identity), MaxIdentity)
	}
	return handshake(s, zmq4.Dealer, zmq4.Router, identity, maxFrame)
}

// Accept performs the handshake with a DEALER that has connected. ZMTP is the same in both directions, and a ROUTER
// needs no identity.
func Accept(s *stream.Stream, maxFrame int) (*Conn, error) {
	return handshake(s, zmq4.Router, zmq4.Dealer, nil, maxFrame)
}

// Subscribe performs the handshake with a PUB and asks it for all that it publishes.
func Subscribe(s *stream.Stream, maxFrame int) (*Conn, error) {
	c, err := handshake(s, zmq4.Sub, zmq4.Pub, nil, maxFrame)
	if err != nil {
		return nil, err
	}
	return c, c.Send([]byte{subscription})
}

// subscription begins a message to a PUB; what follows is how the messages begin that are asked for.
const subscription = 1

func handshake(s *stream.Stream, own, wanted zmq4.SocketType, identity []byte, maxFrame int) (*Conn, error) {
	w := &wire{stream: s}
	library, err := zmq4.Open(w, mechanism{wire: w, wanted: wanted}, own, identity, false, nil)
	if err != nil {
		return nil, err
	}
	return &Conn{wire: w, maxFrame: maxFrame, library: library}, nil
}

// Probe checks that the peer is a ROUTER without becoming known to it: it stops before READY, which names us. libzmq
// sends its own READY in reply to the greeting alone (schedulers of 1.26.6 to 2.9.0).
func Probe(s *stream.Stream) error {
	w := &wire{stream: s}
	_, err := zmq4.Open(w, mechanism{wire: w, wanted: zmq4.Router, silent: true}, zmq4.Dealer, nil, false, nil)
	return err
}

// Send sends one message, which may be empty.
func (c *Conn) Send(frame []byte) error {
	out, err := c.encode(frame)
	if err != nil {
		return err
	}
	_, err = c.wire.stream.Write(out)
	return err
}

// SendSome begins to send the first n of these messages, as many as go in one write, and does not wait. finish sends what
// is left of them: see stream.WriteSome.
func (c *Conn) SendSome(frames [][]byte) (n int, finish func() error, err error) {
	n = c.wire.stream.Batch(frames)
	out, err := c.encode(frames[:n]...)
	if err != nil {
		return 0, nil, err
	}
	finish, err = c.wire.stream.WriteSome(out)
	return n, finish, err
}

// encode returns the bytes of messages.
func (c *Conn) encode(frames ...[]byte) ([]byte, error) {
	c.encoding.Lock()
	defer c.encoding.Unlock()
	for _, frame := range frames {
		if err := c.library.SendMsg(zmq4.NewMsg(frame)); err != nil {
			return nil, err
		}
	}
	return c.wire.take(), nil
}

// Receive waits for a message and answers PING meanwhile. io.EOF is the peer's graceful end; an end inside a message
// is io.ErrUnexpectedEOF.
func (c *Conn) Receive() ([]byte, error) {
	for {
		f, err := readFrame(c.wire.stream, c.maxFrame)
		switch {
		case err != nil:
			return nil, err
		case f.more:
			return nil, errMore
		case !f.command:
			return f.body, nil
		}
		pong, err := c.answer(f.body)
		if err == nil && pong != nil {
			_, err = c.wire.stream.Write(pong)
		}
		if err != nil {
			return nil, err
		}
	}
}

var errMore = fmt.Errorf("%w for Scaler: a message of several frames", ErrMalformed)

// Socket is what tells that there is something for ReceiveSome: see stream.Socket.
func (c *Conn) Socket(ended func()) syscall.RawConn { return c.wire.stream.Socket(ended) }

// ReceiveSome gives the messages that have arrived to take, answers PING, and does not wait: see stream.Frames. Receive
// must not be used any more.
func (c *Conn) ReceiveSome(scratch []byte, take func(frame []byte) bool) error {
	return c.frames.Receive(c.wire.stream, scratch, c.cut, func(header, body []byte) (bool, error) {
		switch {
		case header[0]&flagMore != 0:
			return false, errMore
		case header[0]&flagCommand == 0:
			return take(body), nil
		}
		pong, err := c.answer(body)
		if err == nil && pong != nil {
			err = c.sendPong(pong)
		}
		return true, err
	})
}

func (c *Conn) cut(begin []byte) (header, body int, err error) { return cutFrame(begin, c.maxFrame) }

// sendPong does not wait. A peer that does not read gets one answer for all that it asks meanwhile.
func (c *Conn) sendPong(pong []byte) error {
	if !c.ponging.CompareAndSwap(false, true) {
		return nil
	}
	finish, err := c.wire.stream.WriteSome(pong)
	if finish == nil {
		c.ponging.Store(false)
		return err
	}
	go func() {
		_ = finish() // an error ends the stream
		c.ponging.Store(false)
	}()
	return nil
}

// answer returns what answers PING, the only command that a DEALER, a ROUTER or a SUB has to act on.
func (c *Conn) answer(command []byte) ([]byte, error) {
	name, body, err := splitCommand(command)
	if err != nil || name != zmq4.CmdPing {
		return nil, err
	}
	context, err := pongContext(body)
	if err != nil {
		return nil, err
	}
	c.encoding.Lock()
	defer c.encoding.Unlock()
	err = c.library.SendCmd(zmq4.CmdPong, context)
	return c.wire.take(), err
}

// Close ends the stream.
func (c *Conn) Close() error { return c.wire.Close() }

// wire is what the library takes for its connection. It gathers what the library writes in pieces until flush, and
// gives it the peer's greeting to read, the only thing that the library reads.
type wire struct {
	net.Conn // nil: the library uses no more than the methods below
	stream   *stream.Stream
	out      []byte
}

func (w *wire) Write(p []byte) (int, error) {
	w.out = append(w.out, p...)
	return len(p), nil
}

// take returns what the library has written.
func (w *wire) take() []byte {
	out := w.out
	w.out = nil
	return out
}

func (w *wire) flush() error {
	_, err := w.stream.Write(w.take())
	return err
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.out) > 0 {
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
	return w.stream.Read(p)
}

func (w *wire) Close() error { return w.stream.Close() }
