package stream

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// maxBatch limits the messages that are copied into one write, in bytes.
const maxBatch = 16 << 10

// Batch returns the number of messages, at least one, to send in one WriteSome. Over TLS and WebSocket it is one,
// because the peer may expect one message per record.
func (s *Stream) Batch(messages [][]byte) int {
	n, size := 1, len(messages[0])
	for s.raw != nil && n < len(messages) && size+len(messages[n]) <= maxBatch {
		size += len(messages[n])
		n++
	}
	return n
}

// WriteSome writes as much of p as possible without blocking; over TLS and WebSocket, nothing. If something is left,
// finish is not nil. It writes the rest and blocks as Write does. It must be called once, in any goroutine: other
// writes wait for it. p must not change before.
func (s *Stream) WriteSome(p []byte) (finish func() error, err error) {
	if s.raw == nil || !s.writing.TryLock() {
		return func() error {
			_, err := s.Write(p)
			return err
		}, nil
	}
	n, _, err := tryOnce("write", s.raw.Write, writeNow, p)
	if err == nil && n < len(p) {
		return func() error {
			defer s.writing.Unlock()
			return s.timedWrite(func() (int, error) { return s.inner.Write(p[n:]) })
		}, nil
	}
	defer s.writing.Unlock()
	if err != nil {
		err = s.translate(err)
		_ = s.End(err)
	}
	return nil, err
}

// tryOnce makes one non-blocking system call. blocked means EAGAIN.
func tryOnce(
	name string, access func(func(descriptor uintptr) bool) error, call func(uintptr, []byte) (int, error), p []byte,
) (n int, blocked bool, err error) {
	closed := access(func(descriptor uintptr) bool {
		for {
			if n, err = call(descriptor, p); !errors.Is(err, syscall.EINTR) {
				return true // false would wait for the socket
			}
		}
	})
	switch {
	case closed != nil:
		return 0, false, closed
	case errors.Is(err, syscall.EAGAIN):
		return 0, true, nil
	case err != nil:
		return 0, false, os.NewSyscallError(name, err)
	}
	return n, false, nil
}

// Socket returns the socket to poll before ReadSome. It is nil over TLS and WebSocket, where a readable socket does
// not mean that there are bytes for ReadSome. When our side closes the stream, or if it has already, ended is called
// once, in any goroutine. It must not block.
func (s *Stream) Socket(ended func()) syscall.RawConn {
	s.mu.Lock()
	s.onEnd = ended
	over := s.cause != nil
	s.mu.Unlock()
	if over {
		ended()
	}
	return s.raw
}

// ReadSome reads at most len(p) bytes without blocking. It returns 0 and no error if none have arrived. It first
// returns what is in the read buffer, and then frees that: Read and Peek must not be called afterwards. Its errors are
// those of Read.
func (s *Stream) ReadSome(p []byte) (n int, err error) {
	if err := s.closedBy(); err != nil {
		return 0, err
	}
	if s.in != nil {
		if n, _ = s.in.Read(p[:min(len(p), s.in.Buffered())]); n > 0 {
			return n, nil
		}
		s.in = nil
	}
	n, blocked, err := tryOnce("read", s.raw.Read, readNow, p)
	if n == 0 && !blocked && err == nil {
		err = io.EOF
	}
	return n, s.translate(err)
}
