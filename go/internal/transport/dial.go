package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// Dial connects to a scheduler and performs the handshake. ctx bounds that, not the connection that Dial returns.
func Dial(ctx context.Context, to address.Address, options Options) (Conn, error) {
	return dial(ctx, to, options, dealer, checkPeer)
}

// DialStorage is Dial for an object storage server, which speaks YMQ whatever its scheduler speaks (1.26.6 to 2.9.0).
func DialStorage(ctx context.Context, to address.Address, options Options) (Conn, error) {
	return dial(ctx, to, options, dealer, checkStorage)
}

// DialMonitor connects to where a scheduler publishes its state, at the usual port. peer is the scheduler's Peer: what
// has another one is the monitor port of another scheduler, or none. Nothing is to be sent on that connection.
func DialMonitor(ctx context.Context, scheduler address.Address, peer []byte, options Options) (Conn, error) {
	if scheduler.Port == 0 {
		return nil, fmt.Errorf("%w at %s, which has no port", ErrNotMonitor, scheduler)
	}
	to := scheduler
	to.Port += monitorOffset
	return dial(ctx, to, options, subscriber, func(to address.Address, found []byte) error {
		return checkMonitor(to, found, peer)
	})
}

// socket opens a ZMQ connection of one kind. The other transport has no kinds.
type socket func(s *stream.Stream, options Options) (*zmq.Conn, error)

func dealer(s *stream.Stream, options Options) (*zmq.Conn, error) {
	return zmq.Open(s, options.Identity, options.MaxFrame)
}

func subscriber(s *stream.Stream, options Options) (*zmq.Conn, error) {
	return zmq.Subscribe(s, options.MaxFrame)
}

// dial calls check with the identity of what answers, which is nil with ZMQ.
func dial(
	ctx context.Context, to address.Address, options Options, own socket, check func(address.Address, []byte) error,
) (Conn, error) {
	options = options.withDefaults()
	c := &conn{to: to}
	protocol, err := greet(ctx, to, options, func(s *stream.Stream, spoken Protocol) error {
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
	c.protocol = protocol
	return c, nil
}

// Probe connects only to learn which protocol a scheduler speaks, and gives it no identity. Schedulers ignore such a
// connection.
func Probe(ctx context.Context, to address.Address, options Options) (Protocol, error) {
	return greet(ctx, to, options.withDefaults(), func(s *stream.Stream, spoken Protocol) error {
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
}

// greet connects, detects the protocol, and calls open for the rest of the handshake, bounded by ctx and HelloTimeout.
func greet(
	ctx context.Context, to address.Address, options Options, open func(*stream.Stream, Protocol) error,
) (Protocol, error) {
	raw, err := connect(ctx, to)
	if err != nil {
		return Protocol{}, fmt.Errorf("cannot connect to %s: %w", to, err)
	}
	silent := fmt.Errorf("%w within %s", ErrSilent, options.HelloTimeout)
	hello, cancel := context.WithTimeoutCause(ctx, options.HelloTimeout, silent)
	defer cancel()
	// Closing unblocks reads and writes of every kind of connection; deadlines do not.
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
		return Protocol{}, fmt.Errorf("cannot talk to %s: %w", to, explainEOF(err))
	}
	return protocol, nil
}

// explainEOF adds to a bare EOF that it came during the handshake. A port forwarder with nothing behind it, and a
// scheduler that is shutting down, end connections like that.
func explainEOF(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("it closed the connection before the end of its greeting: %w", err)
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

// conn adds the scheduler's address to the errors.
type conn struct {
	messages
	protocol Protocol
	to       address.Address
	peer     []byte
}

func (c *conn) Protocol() Protocol { return c.protocol }

func (c *conn) Peer() []byte { return c.peer }

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
