// Package transport is one connection to a Scaler scheduler, over the message transport that the scheduler speaks. That is
// detected and not configured: schedulers of both kinds send first (tested with 1.26.6 to 2.9.0).
package transport

import (
	"crypto/tls"
	"fmt"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// Kind is a message transport.
type Kind int

const (
	ZMQ Kind = iota + 1
	YMQ
)

// Protocol is what a scheduler speaks.
type Protocol struct {
	Kind    Kind
	Version byte // of YMQ: 0 (no magic, Scaler 1.26 and 1.27), 1 (2.0 to 2.6) or 2 (from 2.7); 0 for ZMQ
}

// String is "ZMQ", "YMQ 0", "YMQ 1" or "YMQ 2".
func (p Protocol) String() string {
	switch p.Kind {
	case ZMQ:
		return "ZMQ"
	case YMQ:
		return fmt.Sprintf("YMQ %d", p.Version)
	}
	return "no protocol"
}

// Conn is a connection after its handshake. After an error of Receive or Send it is unusable and has to be closed.
type Conn interface {
	Protocol() Protocol

	// Peer is the identity of a YMQ scheduler, which is new with each start of it (pid and UUID, 2.0.20 to 2.9.0). It is
	// empty with ZMQ, where it is not needed: there workers rejoin a restarted scheduler by themselves.
	Peer() []byte

	// Send sends one message, which may be empty; another goroutine may receive meanwhile. It returns when the kernel has
	// all of it, or with an error matching ErrStalled when the scheduler has not read for WriteTimeout.
	Send(frame []byte) error

	// SendSome begins to send the first n of these messages, at least one and as many as go in one write, and does not
	// wait. finish, which is nil if they are sent, sends the rest: it waits as Send does, fails as Send does, has to be called
	// once, and may be called in another goroutine. The next SendSome comes after it.
	SendSome(frames [][]byte) (n int, finish func() error, err error)

	// Receive waits for one message; one goroutine may do so at a time. An error matches io.EOF when the scheduler
	// ended the connection between messages, io.ErrUnexpectedEOF when inside one, syscall.ECONNRESET when it aborted,
	// ErrFrameTooLarge, or net.ErrClosed after Close.
	Receive() ([]byte, error)

	// Socket is for an owner of many connections, who cannot wait for each: it tells when something has come, and is nil
	// where no socket can, as over TLS and WebSocket. ended is called once the connection ends on our side, which the socket
	// does not tell: in any goroutine, and not to wait.
	Socket(ended func()) syscall.RawConn

	// ReceiveSome is Receive for a connection with a Socket. It reads at most once, at most as much as goes in scratch, and
	// gives the messages that are complete to take. When take returns false the message stays, and is the first of the next
	// time, which then does not read. It does not wait. An error comes after the messages before it.
	ReceiveSome(scratch []byte, take func(frame []byte) bool) error

	// Close ends the connection at once and unblocks Receive and Send. Further calls do nothing.
	Close() error
}

const (
	// DefaultMaxFrame bounds a message, in bytes. What schedulers send to a worker manager is far below a kilobyte.
	DefaultMaxFrame = 64 << 20

	// DefaultHelloTimeout is long enough for a scheduler whose single thread is busy for seconds.
	DefaultHelloTimeout = 5 * time.Second

	// ConnectTimeout bounds name resolution and connecting; the kernel itself gives up after two minutes.
	ConnectTimeout = 10 * time.Second

	// SmallReadBuffer is the ReadBuffer of a program with a thousand connections.
	SmallReadBuffer = stream.SmallBuffer

	// WriteTimeout bounds one Send to a scheduler that does not read.
	WriteTimeout = stream.WriteTimeout
)

// Options are for one connection. The zero value is usable for Probe.
type Options struct {
	// Identity is the sender's, by which the scheduler addresses its answers. ZMQ allows 255 bytes.
	Identity []byte

	// MaxFrame bounds a received message, in bytes. Zero means DefaultMaxFrame.
	MaxFrame int

	// ReadBuffer is how many bytes are read ahead, at least the ten of a greeting. Zero means stream.DefaultBuffer.
	ReadBuffer int

	// HelloTimeout bounds the handshake, once connected. Zero means DefaultHelloTimeout.
	HelloTimeout time.Duration

	// TLS is for tls and wss addresses. Nil means what Scaler's own clients do: verify nothing. An empty ServerName is
	// taken from the address.
	TLS *tls.Config
}

func (o Options) withDefaults() Options {
	if o.MaxFrame <= 0 {
		o.MaxFrame = DefaultMaxFrame
	}
	if o.HelloTimeout <= 0 {
		o.HelloTimeout = DefaultHelloTimeout
	}
	return o
}
