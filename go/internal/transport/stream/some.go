package stream

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// maxBatch bounds what is copied so that several messages go in one write, in bytes.
const maxBatch = 16 << 10

// Batch is how many of these messages, at least one, are to go in one WriteSome. TLS and WebSocket, whose peer may take a
// record for a message, get one at a time.
func (s *Stream) Batch(messages [][]byte) int {
	n, size := 1, len(messages[0])
	for s.raw != nil && n < len(messages) && size+len(messages[n]) <= maxBatch {
		size += len(messages[n])
		n++
	}
	return n
}

// WriteSome sends as much of p as the kernel takes at once; over TLS and WebSocket nothing. finish sends the rest: it is
// nil when there is none, waits as Write does, and has to be called once, in any goroutine, because other writes wait for
// it. It keeps p.
func (s *Stream) WriteSome(p []byte) (finish func() error, err error) {
	if s.raw == nil || !s.writing.TryLock() {
		return func() error {
			_, err := s.Write(p)
			return err
		}, nil
	}
	n, _, err := once("write", s.raw.Write, writeNow, p)
	if err == nil && n < len(p) {
		return func() error {
			defer s.writing.Unlock()
			return s.writeAlone(func() (int, error) { return s.inner.Write(p[n:]) })
		}, nil
	}
	defer s.writing.Unlock()
	if err != nil {
		err = s.explain(err)
		s.End(err)
	}
	return nil, err
}

// once makes a system call that does not wait. blocked is that it would have to.
func once(
	name string, access func(func(descriptor uintptr) bool) error, call func(uintptr, []byte) (int, error), p []byte,
) (n int, blocked bool, err error) {
	closed := access(func(descriptor uintptr) bool {
		for {
			if n, err = call(descriptor, p); err != syscall.EINTR {
				return true // and not false, which would wait
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

// Socket is what tells that there is something for ReadSome; nil over TLS and WebSocket, which have more to read than
// messages. It tells nothing of an end on our side: ended is called then, once and in any goroutine, also if that has
// been. It must not wait.
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

// ReadSome reads what has arrived, at most len(p) bytes, and does not wait: 0 without an error is that nothing has. It
// first gives what was read ahead, of which the socket tells nothing, and then lets go of the buffer. It fails as Read
// does, which must not be used any more, nor Peek.
func (s *Stream) ReadSome(p []byte) (n int, err error) {
	if err := s.ended(); err != nil {
		return 0, err
	}
	if s.in != nil {
		if n, _ = s.in.Read(p[:min(len(p), s.in.Buffered())]); n > 0 {
			return n, nil
		}
		s.in = nil
	}
	n, blocked, err := once("read", s.raw.Read, readNow, p)
	if n == 0 && !blocked && err == nil {
		err = io.EOF
	}
	return n, s.explain(err)
}
