// Package stream is a byte stream with what the message transports have in common: peeking, a timeout for writes, and a
// Close that unblocks readers and writers.
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

// WriteTimeout limits one Write to a peer that does not read.
const WriteTimeout = 10 * time.Second

// ErrStalled means that the peer did not read for WriteTimeout. The stream is closed.
var ErrStalled = errors.New("the peer does not read")

// Stream wraps a connection. One goroutine may read while others write.
type Stream struct {
	inner        io.ReadWriteCloser
	raw          syscall.RawConn // nil over TLS and WebSocket
	in           *bufio.Reader   // nil once ReadSome has emptied it
	writeTimeout time.Duration   // for a Write; 0 means no limit

	writing sync.Mutex // held during a Write, so that writes do not interleave

	closing sync.Once
	mu      sync.Mutex // guards below
	cause   error      // why our side closed the stream; nil while it is open
	onEnd   func()     // argument of Socket
}

// Options configure a stream.
type Options struct {
	// Buffer is the size of the read buffer in bytes. 0 means DefaultBuffer. Longer bodies bypass it.
	Buffer int

	// NoWriteTimeout removes the timeout of Write, for a peer that may be stopped (SIGSTOP) for any time.
	NoWriteTimeout bool
}

// DefaultBuffer is the default size of the read buffer, in bytes.
const DefaultBuffer = 4096

// SmallBuffer is for programs with a thousand connections. Any header and most messages of a worker fit, in bytes.
const SmallBuffer = 512

// New makes a stream that owns inner. Closing inner must unblock its Read and Write.
func New(inner io.ReadWriteCloser, options Options) *Stream {
	if options.Buffer <= 0 {
		options.Buffer = DefaultBuffer
	}
	s := &Stream{inner: inner, in: bufio.NewReaderSize(inner, options.Buffer), writeTimeout: WriteTimeout}
	if options.NoWriteTimeout {
		s.writeTimeout = 0
	}
	if socket, ok := inner.(syscall.Conn); ok {
		s.raw, _ = socket.SyscallConn()
	}
	return s
}

// Peek returns the next n bytes, at most Options.Buffer, without consuming them. It returns fewer only with an error.
func (s *Stream) Peek(n int) ([]byte, error) {
	bytes, err := s.in.Peek(n)
	return bytes, s.translate(err)
}

// Arrived returns at most n bytes of the read buffer, without consuming them and without blocking.
func (s *Stream) Arrived(n int) []byte {
	bytes, _ := s.in.Peek(min(n, s.in.Buffered()))
	return bytes
}

// Read may be called by one goroutine at a time. It returns io.EOF after the peer has closed the stream, and the cause
// after End.
func (s *Stream) Read(p []byte) (int, error) {
	if err := s.closedBy(); err != nil {
		return 0, err // even if the buffer has bytes
	}
	n, err := s.in.Read(p)
	return n, s.translate(err)
}

// WriteParts writes the parts as if joined. Over a socket it does not copy them; over others it is one Write.
func (s *Stream) WriteParts(parts ...[]byte) error {
	switch s.inner.(type) {
	case *net.TCPConn, *net.UnixConn:
		buffers := net.Buffers(parts)
		return s.lockedWrite(func() (int, error) {
			n, err := buffers.WriteTo(s.inner)
			return int(n), err
		})
	}
	_, err := s.Write(bytes.Join(parts, nil))
	return err
}

// Write writes all of p. Any error closes the stream, because a part of p may have been sent.
func (s *Stream) Write(p []byte) (n int, err error) {
	err = s.lockedWrite(func() (int, error) {
		n, err = s.inner.Write(p)
		return n, err
	})
	return n, err
}

func (s *Stream) lockedWrite(write func() (int, error)) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	return s.timedWrite(write)
}

// timedWrite requires that writing is held.
func (s *Stream) timedWrite(write func() (int, error)) error {
	if s.writeTimeout > 0 {
		// Not a write deadline, because TLS and WebSocket also write from Read, long after it would have expired.
		stall := time.AfterFunc(s.writeTimeout, func() { _ = s.End(ErrStalled) })
		defer stall.Stop()
	}
	_, err := write()
	if err != nil {
		err = s.translate(err)
		_ = s.End(err)
	}
	return err
}

// Close closes the stream. Reads and writes return net.ErrClosed.
func (s *Stream) Close() error { return s.End(net.ErrClosed) }

// End closes the stream. Reads and writes return cause, that of the first End.
func (s *Stream) End(cause error) (err error) {
	s.closing.Do(func() {
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

// translate replaces errors after our side has closed the stream, which differ by kind of connection, by the cause.
func (s *Stream) translate(err error) error {
	if err == nil {
		return nil
	}
	if cause := s.closedBy(); cause != nil {
		return cause
	}
	return err
}

func (s *Stream) closedBy() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause
}
