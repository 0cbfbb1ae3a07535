// Package transport connects to a Scaler scheduler. It detects whether the scheduler speaks ZMQ or YMQ from its first
// bytes: with both, the scheduler sends first (Scaler 1.26.6 to 2.9.0).
package transport

import (
	"crypto/tls"
	"fmt"
	"net"
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

// Protocol is the message transport of a scheduler, and its version.
type Protocol struct {
	Kind    Kind
	Version byte // of YMQ: 0 (no magic, Scaler 1.26 and 1.27), 1 (2.0 to 2.6) or 2 (from 2.7); 0 for ZMQ
}

// String returns "ZMQ", "YMQ 0", "YMQ 1" or "YMQ 2".
func (p Protocol) String() string {
	switch p.Kind {
	case ZMQ:
		return "ZMQ"
	case YMQ:
		return fmt.Sprintf("YMQ %d", p.Version)
	}
	return "unknown protocol"
}

// Conn is a connection after the handshake. After an error of Send or Receive it is unusable; close it.
type Conn interface {
	Protocol() Protocol

	// Peer returns the identity of a YMQ scheduler, which contains its pid and a UUID and so changes when the scheduler
	// restarts (2.0.20 to 2.9.0). It is empty with ZMQ, where workers rejoin a restarted scheduler by themselves.
	Peer() []byte

	// Local returns this host's end of the connection.
	Local() net.Addr

	// Send sends one message, which may be empty. It may run concurrently with Receive. It returns once the kernel has
	// accepted all of it, or with ErrStalled if the scheduler has not read for WriteTimeout.
	Send(frame []byte) error

	// SendSome sends the first n messages, at least one and as many as fit into one write, without blocking. If the
	// kernel did not accept all of them, finish is not nil and must be called once, in any goroutine and before the next
	// SendSome. It sends the rest, blocks and fails as Send does.
	SendSome(frames [][]byte) (n int, finish func() error, err error)

	// Receive waits for one message. One goroutine may call it at a time. The error matches io.EOF if the scheduler closed
	// the connection between messages, io.ErrUnexpectedEOF if within one, syscall.ECONNRESET if it aborted,
	// ErrFrameTooLarge, or net.ErrClosed after Close.
	Receive() ([]byte, error)

	// Socket returns the socket, so that one goroutine can poll many connections. It is nil over TLS and WebSocket, where
	// readiness of the socket does not mean that there is a message. ended is called, in any goroutine, when our side
	// closes the connection, which does not make the socket readable. It must not block.
	Socket(ended func()) syscall.RawConn

	// ReceiveSome receives without blocking from a connection with a Socket. It reads at most once, at most len(scratch)
	// bytes, and calls take with each complete message. If take returns false, the message is kept, and the next
	// ReceiveSome begins with it and does not read. An error is returned after the messages before it.
	ReceiveSome(scratch []byte, take func(frame []byte) bool) error

	// Close closes the connection at once and unblocks Receive and Send. Further calls do nothing.
	Close() error
}

const (
	// DefaultMaxFrame limits a received message, in bytes. Schedulers send worker managers less than 1 KiB.
	DefaultMaxFrame = 64 << 20

	// DefaultHelloTimeout allows for a scheduler whose only thread is busy for seconds.
	DefaultHelloTimeout = 5 * time.Second

	// ConnectTimeout limits name resolution and connecting. The kernel would try for two minutes.
	ConnectTimeout = 10 * time.Second

	// SmallReadBuffer is a ReadBuffer for programs with a thousand connections.
	SmallReadBuffer = stream.SmallBuffer

	// WriteTimeout limits one Send to a scheduler that does not read.
	WriteTimeout = stream.WriteTimeout
)

// Options configure a connection. The zero value is usable for Probe.
type Options struct {
	// Identity is the address to which the scheduler sends its answers. ZMQ allows 255 bytes.
	Identity []byte

	// MaxFrame limits a received message, in bytes. 0 means DefaultMaxFrame.
	MaxFrame int

	// ReadBuffer is the size of the read buffer in bytes, at least 10 for a ZMTP signature. 0 means stream.DefaultBuffer.
	ReadBuffer int

	// HelloTimeout limits the handshake after connecting. 0 means DefaultHelloTimeout.
	HelloTimeout time.Duration

	// TLS applies to tls and wss addresses. If nil, certificates are not verified, as Scaler's own clients do not. An
	// empty ServerName is taken from the address.
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
