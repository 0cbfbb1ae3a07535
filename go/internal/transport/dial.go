package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// Dial connects to a scheduler. ctx limits the handshake, not the returned connection.
func Dial(ctx context.Context, to address.Address, options Options) (Conn, error) {
	return dial(ctx, to, options, dealer, checkPeer)
}

// DialStorage connects to an object storage server, which always speaks YMQ (1.26.6 to 2.9.0).
func DialStorage(ctx context.Context, to address.Address, options Options) (Conn, error) {
	return dial(ctx, to, options, dealer, checkStorage)
}

// DialMonitor connects to the port on which a scheduler publishes its state, if that is the default one. peer is the
// scheduler's Peer, to detect another server on the port. The connection is for receiving only.
func DialMonitor(ctx context.Context, scheduler address.Address, peer []byte, options Options) (Conn, error) {
	if scheduler.Port == 0 {
		return nil, fmt.Errorf("%w: %s has no port", ErrNotMonitor, scheduler)
	}
	to := scheduler
	to.Port += monitorOffset
	return dial(ctx, to, options, subscriber, func(to address.Address, found []byte) error {
		return checkMonitor(to, found, peer)
	})
}

// openZMQ opens a ZMQ connection with one type of socket. YMQ has no types.
type openZMQ func(s *stream.Stream, options Options) (*zmq.Conn, error)

func dealer(s *stream.Stream, options Options) (*zmq.Conn, error) {
	return zmq.Open(s, options.Identity, options.MaxFrame)
}

func subscriber(s *stream.Stream, options Options) (*zmq.Conn, error) {
	return zmq.Subscribe(s, options.MaxFrame)
}

// dial connects and calls check with the server's identity, which is nil with ZMQ.
func dial(
	ctx context.Context, to address.Address, options Options, own openZMQ, check func(address.Address, []byte) error,
) (Conn, error) {
	options = options.withDefaults()
	c := &conn{to: to}
	protocol, local, err := connectAndDetect(ctx, to, options, func(s *stream.Stream, spoken Protocol) error {
		if spoken.Kind == ZMQ {
			opened, err := own(s, options)
			if err != nil {
				return checkSocket(to, err)
			}
			c.messages = opened
			return check(to, nil)
		}
		opened, err := ymq.Open(s, spoken.Version, options.Identity, options.MaxFrame)
		if err != nil {
			return err
		}
		c.messages, c.peer = opened, opened.Peer()
		return check(to, c.peer)
	})
	if err != nil {
		return nil, err
	}
	c.protocol, c.local = protocol, local
	return c, nil
}

// Probe detects the protocol of a scheduler. It sends no identity: schedulers ignore such a connection.
func Probe(ctx context.Context, to address.Address, options Options) (Protocol, error) {
	protocol, _, err := connectAndDetect(ctx, to, options.withDefaults(), func(s *stream.Stream, spoken Protocol) error {
		if spoken.Kind == ZMQ {
			if err := checkSocket(to, zmq.Probe(s)); err != nil {
				return err
			}
			return s.Close()
		}
		peer, err := ymq.ReadPeer(s, spoken.Version)
		if err != nil {
			return err
		}
		if err := checkPeer(to, peer); err != nil {
			return err
		}
		return s.Close()
	})
	return protocol, err
}

// connectAndDetect connects, detects the protocol, and calls open for the rest of the handshake. ctx and HelloTimeout
// limit all of it. local is the connection's own address.
func connectAndDetect(
	ctx context.Context, to address.Address, options Options, open func(*stream.Stream, Protocol) error,
) (spoken Protocol, local net.Addr, err error) {
	raw, err := connect(ctx, to)
	if err != nil {
		return Protocol{}, nil, fmt.Errorf("cannot connect to %s: %w", to, err)
	}
	silent := fmt.Errorf("%w within %s", ErrSilent, options.HelloTimeout)
	hello, cancel := context.WithTimeoutCause(ctx, options.HelloTimeout, silent)
	defer cancel()
	// Closing unblocks reads and writes on every kind of connection; deadlines do not.
	release := context.AfterFunc(hello, func() { _ = raw.Close() })

	var protocol Protocol
	s, verify, err := wrap(hello, raw, to, options)
	if err == nil {
		protocol, err = sniff(s)
	}
	if err == nil {
		err = verify()
	}
	if err == nil {
		err = open(s, protocol)
	}
	if !release() {
		err = context.Cause(hello)
	}
	if err != nil {
		if s != nil {
			_ = s.Close()
		}
		_ = raw.Close()
		return Protocol{}, nil, fmt.Errorf("cannot talk to %s: %w", to, explainEOF(err))
	}
	return protocol, raw.LocalAddr(), nil
}

// explainEOF adds to a bare EOF that it came during the handshake. That is how a port forwarder without a target and a
// scheduler that is shutting down close connections.
func explainEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it closed the connection during the handshake: %w", err)
	}
	return err
}

// messages is a connection of package ymq or package zmq.
type messages interface {
	Send(frame []byte) error
	SendSome(frames [][]byte) (n int, finish func() error, err error)
	Receive() ([]byte, error)
	ReceiveSome(scratch []byte, take func(frame []byte) bool) error
	Socket(ended func()) syscall.RawConn
	Close() error
}

// conn adds the scheduler's address to errors.
type conn struct {
	messages
	protocol Protocol
	to       address.Address
	peer     []byte
	local    net.Addr
}

func (c *conn) Protocol() Protocol { return c.protocol }

func (c *conn) Peer() []byte { return c.peer }

func (c *conn) Local() net.Addr { return c.local }

func (c *conn) Send(frame []byte) error { return c.explainSend(c.messages.Send(frame)) }

func (c *conn) SendSome(frames [][]byte) (n int, finish func() error, err error) {
	n, rest, err := c.messages.SendSome(frames)
	if rest != nil {
		finish = func() error { return c.explainSend(rest()) }
	}
	return n, finish, c.explainSend(err)
}

func (c *conn) explainSend(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot send to %s: %w", c.to, err)
}

func (c *conn) Receive() ([]byte, error) {
	frame, err := c.messages.Receive()
	return frame, c.explainReceive(err)
}

func (c *conn) ReceiveSome(scratch []byte, take func(frame []byte) bool) error {
	return c.explainReceive(c.messages.ReceiveSome(scratch, take))
}

func (c *conn) explainReceive(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot receive from %s: %w", c.to, err)
}
