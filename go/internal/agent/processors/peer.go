package processors

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/transport"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// Peer is a connection of a processor. After an error of Open, Receive or Send it is unusable and has to be closed.
type Peer struct {
	raw      *net.UnixConn
	stream   *stream.Stream
	pid      int
	spoken   transport.Protocol
	identity []byte
	messages interface { // set by Open
		Send(frame []byte) error
		SendSome(frames [][]byte) (n int, finish func() error, err error)
		Receive() ([]byte, error)
		ReceiveSome(scratch []byte, take func(frame []byte) bool) error
		Socket(ended func()) syscall.RawConn
	}
}

// Pid returns the pid of the process that connected, according to the kernel: 0 where that is not supported, or if the
// process is in a pid namespace that this process does not see.
func (p *Peer) Pid() int { return p.pid }

// Open performs the handshake, which has to come first. The error matches transport.ErrSilent if the processor did not
// complete its part in time, for example because it was stopped.
func (p *Peer) Open(timeout time.Duration) error {
	err := p.raw.SetDeadline(time.Now().Add(timeout))
	if err == nil {
		err = p.handshake()
	}
	if err == nil {
		err = p.raw.SetDeadline(time.Time{})
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = fmt.Errorf("%w within %s", transport.ErrSilent, timeout)
	}
	return p.explain("open", err)
}

func (p *Peer) handshake() error {
	if p.spoken.Kind == transport.ZMQ {
		opened, err := zmq.Accept(p.stream, transport.DefaultMaxFrame)
		p.messages = opened
		return err
	}
	opened, err := ymq.Accept(p.stream, p.spoken.Version, p.identity, transport.DefaultMaxFrame)
	p.messages = opened
	return err
}

// Receive waits for one message. It must not be called concurrently. The error matches io.EOF when the processor has
// exited, or net.ErrClosed after Close.
func (p *Peer) Receive() ([]byte, error) {
	frame, err := p.messages.Receive()
	return frame, p.explain("receive from", err)
}

// Socket is that of transport.Conn.
func (p *Peer) Socket(ended func()) syscall.RawConn { return p.messages.Socket(ended) }

// ReceiveSome calls take with each message that has arrived. It does not block.
func (p *Peer) ReceiveSome(scratch []byte, take func(frame []byte) bool) error {
	return p.explain("receive from", p.messages.ReceiveSome(scratch, take))
}

// Send sends one message. It may be called concurrently with Receive. It blocks while a stopped processor does not
// read, until Close.
func (p *Peer) Send(frame []byte) error { return p.explain("send to", p.messages.Send(frame)) }

// SendSome starts to send the first n of these messages, as many as fit into one write, and does not block. finish
// sends the rest, if there is any: it blocks as Send does, and must be called once, on any goroutine. Otherwise it is
// nil.
func (p *Peer) SendSome(frames [][]byte) (n int, finish func() error, err error) {
	n, rest, err := p.messages.SendSome(frames)
	if rest != nil {
		finish = func() error { return p.explain("send to", rest()) }
	}
	return n, finish, p.explain("send to", err)
}

// Close closes the connection and unblocks Open, Receive and Send. It may be called repeatedly.
func (p *Peer) Close() error { return p.stream.Close() }

func (p *Peer) explain(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("cannot %s processor %d: %w", what, p.pid, err)
}
