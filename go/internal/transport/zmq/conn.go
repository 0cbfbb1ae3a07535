// Package zmq implements ZMTP 3 with one frame per message and without security: a DEALER that connects to a ROUTER, a
// ROUTER that accepts a DEALER, and a SUB that connects to a PUB.
//
// Greeting, metadata and outgoing frames are encoded by go-zeromq/zmq4. Incoming frames are decoded here: the library
// (v0.17.0) allocates any length that a peer announces, answers a PING without its context, and writes that answer in
// several pieces between which a concurrent send can get.
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

// MaxIdentity is the longest identity that ZMTP allows, in bytes.
const MaxIdentity = 255

// Conn is a connection after the handshake. One goroutine may receive while others send.
type Conn struct {
	wire     *wire
	maxFrame int

	encoding sync.Mutex // guards library and wire.out; not held while writing to the stream
	library  *zmq4.Conn

	frames      stream.Frames
	pongBlocked atomic.Bool // a PONG of ReceiveSome is blocked until the peer reads
}

// Open performs the handshake with a ROUTER. identity has at most MaxIdentity bytes; maxFrame is in bytes. The caller
// closes the stream on an error.
func Open(s *stream.Stream, identity []byte, maxFrame int) (*Conn, error) {
	if len(identity) > MaxIdentity {
		return nil, fmt.Errorf("the identity has %d bytes, ZMQ allows %d", len(identity), MaxIdentity)
	}
	return handshake(s, zmq4.Dealer, zmq4.Router, identity, maxFrame)
}

// Accept performs the handshake with a DEALER that has connected.
func Accept(s *stream.Stream, maxFrame int) (*Conn, error) {
	return handshake(s, zmq4.Router, zmq4.Dealer, nil, maxFrame)
}

// Subscribe performs the handshake with a PUB and subscribes to all messages.
func Subscribe(s *stream.Stream, maxFrame int) (*Conn, error) {
	c, err := handshake(s, zmq4.Sub, zmq4.Pub, nil, maxFrame)
	if err != nil {
		return nil, err
	}
	return c, c.Send([]byte{subscription})
}

// subscription is the first byte of a subscription. The prefix to subscribe to follows; an empty one means all.
const subscription = 1

func handshake(s *stream.Stream, own, wanted zmq4.SocketType, identity []byte, maxFrame int) (*Conn, error) {
	w := &wire{stream: s}
	library, err := zmq4.Open(w, mechanism{wire: w, wanted: wanted}, own, identity, false, nil)
	if err != nil {
		return nil, err
	}
	return &Conn{wire: w, maxFrame: maxFrame, library: library}, nil
}

// Probe checks that the peer is a ROUTER. It sends no READY, which would contain an identity: libzmq sends its own
// READY in reply to the greeting alone (Scaler 1.26.6 to 2.9.0).
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

// SendSome sends the first n messages, as many as fit into one write, without blocking. finish sends the rest of them:
// see stream.WriteSome.
func (c *Conn) SendSome(frames [][]byte) (n int, finish func() error, err error) {
	n = c.wire.stream.Batch(frames)
	out, err := c.encode(frames[:n]...)
	if err != nil {
		return 0, nil, err
	}
	finish, err = c.wire.stream.WriteSome(out)
	return n, finish, err
}

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

// Receive waits for a message, and answers PINGs that come before it. It returns io.EOF if the peer closed the
// connection between messages, io.ErrUnexpectedEOF if within one.
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

var errMore = fmt.Errorf("%w for Scaler: a message with several frames", ErrMalformed)

// Socket returns the socket to poll before ReceiveSome: see stream.Socket.
func (c *Conn) Socket(ended func()) syscall.RawConn { return c.wire.stream.Socket(ended) }

// ReceiveSome calls take with the messages that have arrived and answers PINGs, without blocking: see stream.Frames.
// Receive must not be called afterwards.
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

// sendPong does not block. While one PONG is blocked, it drops further ones, so that a peer that does not read cannot
// pile them up.
func (c *Conn) sendPong(pong []byte) error {
	if !c.pongBlocked.CompareAndSwap(false, true) {
		return nil
	}
	finish, err := c.wire.stream.WriteSome(pong)
	if finish == nil {
		c.pongBlocked.Store(false)
		return err
	}
	go func() {
		_ = finish() // an error closes the stream
		c.pongBlocked.Store(false)
	}()
	return nil
}

// answer returns the PONG for a PING, and nil for other commands, which a DEALER, a ROUTER and a SUB may ignore.
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

// Close closes the stream.
func (c *Conn) Close() error { return c.wire.Close() }

// wire is the connection that the library sees. It buffers what the library writes in pieces until flush or take. The
// library reads nothing but the peer's greeting.
type wire struct {
	net.Conn // nil: the library calls only the methods below
	stream   *stream.Stream
	out      []byte
}

func (w *wire) Write(p []byte) (int, error) {
	w.out = append(w.out, p...)
	return len(p), nil
}

// take returns and clears the buffer.
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
