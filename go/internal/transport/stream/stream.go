// Package stream is a byte stream to a peer with the bounds that its message framings share: what is read can be looked
// at first, a write ends within WriteTimeout unless the stream is patient, and Close ends both at any moment.
package stream

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// WriteTimeout bounds one Write to a peer that does not read.
const WriteTimeout = 10 * time.Second

// ErrStalled is what ends a stream whose peer did not read for WriteTimeout.
var ErrStalled = errors.New("the peer does not read")

// Stream wraps a connection. One goroutine may read while others write.
type Stream struct {
	inner    io.ReadWriteCloser
	raw      syscall.RawConn // of a socket; nil for what lies over one
	in       *bufio.Reader   // nil once ReadSome is used, and nothing is read ahead any more
	patience time.Duration   // of a Write; 0 for ever

	writing sync.Mutex // held for one Write, so that writes do not mix

	ending sync.Once
	mu     sync.Mutex // guards below
	cause  error      // why the stream ended on our side; nil while it lasts
	onEnd  func()     // what Socket was given
}

// Options are for one stream. The zero value is what New takes.
type Options struct {
	// Buffer is how many bytes are read ahead; 0 means DefaultBuffer. A longer body is read past it, so that a small one
	// costs reads only where several messages lie in wait.
	Buffer int

	// Patient lets a Write wait until Close, for a peer that may be stopped for any time and is not lost then.
	Patient bool
}

// DefaultBuffer is in bytes.
const DefaultBuffer = 4096

// SmallBuffer is for one of a thousand connections: any header and most of a worker's messages fit.
const SmallBuffer = 512

// New takes over inner, whose Close has to end its Read and Write.
func New(inner io.ReadWriteCloser) *Stream { return NewWith(inner, Options{}) }

// NewWith is New with options.
func NewWith(inner io.ReadWriteCloser, options Options) *Stream {
	if options.Buffer <= 0 {
		options.Buffer = DefaultBuffer
	}
	s := &Stream{inner: inner, in: bufio.NewReaderSize(inner, options.Buffer), patience: WriteTimeout}
	if options.Patient {
		s.patience = 0
	}
	if socket, ok := inner.(syscall.Conn); ok {
		s.raw, _ = socket.SyscallConn()
	}
	return s
}

// Peek waits for the next n bytes (at most the buffer's) and leaves them to be read. Fewer come with an error.
func (s *Stream) Peek(n int) ([]byte, error) {
	bytes, err := s.in.Peek(n)
	return bytes, s.explain(err)
}

// Arrived returns the bytes that have arrived and are not read yet, at most n, without waiting.
func (s *Stream) Arrived(n int) []byte {
	bytes, _ := s.in.Peek(min(n, s.in.Buffered()))
	return bytes
}

// Read is for one goroutine at a time. After the peer's graceful end it returns io.EOF, after End the cause given there.
func (s *Stream) Read(p []byte) (int, error) {
	if err := s.ended(); err != nil {
		return 0, err // and not what had arrived before
	}
	n, err := s.in.Read(p)
	return n, s.explain(err)
}

// WriteParts sends the parts as one: over a socket without a copy, over any other kind of connection in one Write.
func (s *Stream) WriteParts(parts ...[]byte) error {
	switch s.inner.(type) {
	case *net.TCPConn, *net.UnixConn:
		buffers := net.Buffers(parts)
		return s.write(func() (int, error) {
			n, err := buffers.WriteTo(s.inner)
			return int(n), err
		})
	}
	_, err := s.Write(bytes.Join(parts, nil))
	return err
}

// Write sends p whole. After any error the stream has ended, because half of p may be on its way.
func (s *Stream) Write(p []byte) (n int, err error) {
	err = s.write(func() (int, error) {
		n, err = s.inner.Write(p)
		return n, err
	})
	return n, err
}

// write is one Write for all that it counts for.
func (s *Stream) write(write func() (int, error)) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.writeAlone(write)
}

// writeAlone is write with writing held.
func (s *Stream) writeAlone(write func() (int, error)) error {
	if s.patience > 0 {
		// A timer and not a write deadline: TLS and WebSocket also write from Read, long after this deadline would be due.
		stall := time.AfterFunc(s.patience, func() { s.End(ErrStalled) })
		defer stall.Stop()
	}
	_, err := write()
	if err != nil {
		err = s.explain(err)
		s.End(err)
	}
	return err
}

// Close ends the stream; reads and writes return net.ErrClosed.
func (s *Stream) Close() error { return s.End(net.ErrClosed) }

// End closes the stream; reads and writes return cause. Only the first End counts.
func (s *Stream) End(cause error) (err error) {
	s.ending.Do(func() {
		s.mu.Lock()
		s.cause = cause
		onEnd := s.onEnd
		s.mu.Unlock()
		err = s.inner.Close()
		if onEnd != nil {
			onEnd()
		}
	})
	return err
}

// explain replaces what a connection closed on our side reports, which differs by kind of connection.
func (s *Stream) explain(err error) error {
	if err == nil {
		return nil
	}
	if cause := s.ended(); cause != nil {
		return cause
	}
	return err
}

func (s *Stream) ended() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}
