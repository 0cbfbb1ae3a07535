package stream

import (
	"bytes"
	"errors"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"testing"
)

// sockets returns a stream over a socket, and the peer's end.
func sockets(t *testing.T, options Options) (*Stream, net.Conn) {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	far, err := net.Dial("unix", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	near, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	s := New(near, options)
	t.Cleanup(func() { s.Close(); far.Close() })
	return s, far
}

// fill writes until a write would block, and returns the bytes written and finish.
func fill(t *testing.T, s *Stream) (written []byte, finish func() error) {
	t.Helper()
	for finish == nil {
		part := bytes.Repeat([]byte{byte(len(written) >> 16)}, 100_000)
		written = append(written, part...)
		var err error
		if finish, err = s.WriteSome(part); err != nil {
			t.Fatal(err)
		}
	}
	return written, finish
}

func TestWriteSome(t *testing.T) {
	s, far := sockets(t, Options{})
	written, finish := fill(t, s)
	ended := make(chan error, 2)
	go func() { _, err := s.Write([]byte("last")); ended <- err }() // waits for finish
	go func() { ended <- finish() }()
	got := make([]byte, len(written)+4)
	if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, append(written, "last"...)) {
		t.Errorf("the peer got %d bytes other than the %d that were sent, %v", len(got), len(written)+4, err)
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestWriteSomeWhileAnotherWrites(t *testing.T) {
	s, far := sockets(t, Options{})
	written, first := fill(t, s)
	second, err := s.WriteSome([]byte("last"))
	if err != nil || second == nil {
		t.Fatalf("it was sent before the rest of another: %v", err)
	}
	ended := make(chan error, 2)
	go func() { ended <- second() }()
	go func() { ended <- first() }()
	got := make([]byte, len(written)+4)
	if _, err := io.ReadFull(far, got); err != nil || string(got[len(written):]) != "last" {
		t.Errorf("the peer got %q last, %v", got[len(written):], err)
	}
	for range 2 {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestCloseEndsFinish(t *testing.T) {
	s, _ := sockets(t, Options{NoWriteTimeout: true})
	_, finish := fill(t, s)
	ended := make(chan error, 1)
	go func() { ended <- finish() }()
	s.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
	if finish, err := s.WriteSome([]byte("x")); finish != nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %v, want net.ErrClosed", err)
	}
}

func TestWriteSomeToPeerThatHasGone(t *testing.T) {
	s, far := sockets(t, Options{})
	far.Close()
	if finish, err := s.WriteSome([]byte("x")); finish != nil || err == nil {
		t.Errorf("got %v", err)
	}
	if _, err := s.Write([]byte("x")); err == nil {
		t.Error("the stream goes on")
	}
}

func TestWriteSomeOverNoSocket(t *testing.T) {
	s, far := pair(t)
	if n := s.Batch([][]byte{[]byte("a"), []byte("b")}); n != 1 {
		t.Errorf("%d messages go in one write", n)
	}
	finish, err := s.WriteSome([]byte("x"))
	if err != nil || finish == nil {
		t.Fatal("a pipe took it at once")
	}
	ended := make(chan error, 1)
	go func() { ended <- finish() }()
	if _, err := io.ReadFull(far, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestBatch(t *testing.T) {
	s, _ := sockets(t, Options{})
	half := make([]byte, maxBatch/2)
	for want, messages := range map[int][][]byte{
		1: {make([]byte, 2*maxBatch), nil},
		2: {half, half, {0}},
		3: {{0}, {0}, half, half},
	} {
		if got := s.Batch(messages); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}

func TestReadSome(t *testing.T) {
	s, far := sockets(t, Options{Buffer: 16})
	if s.Socket(func() {}) == nil {
		t.Error("it has no socket")
	}
	far.Write([]byte("hello"))
	if got, err := s.Peek(2); string(got) != "he" || err != nil {
		t.Fatalf("peeked %q, %v", got, err)
	}
	p := make([]byte, 4)
	for _, want := range []string{"hell", "o", ""} { // from the read buffer
		if n, err := s.ReadSome(p); string(p[:n]) != want || err != nil {
			t.Fatalf("read %q, %v; want %q", p[:n], err, want)
		}
	}
	far.Write([]byte("world"))
	for _, want := range []string{"worl", "d", ""} {
		if n, err := s.ReadSome(p); string(p[:n]) != want || err != nil {
			t.Fatalf("read %q, %v; want %q", p[:n], err, want)
		}
	}
	far.Close()
	if n, err := s.ReadSome(p); n != 0 || err != io.EOF {
		t.Errorf("after the peer's end: %d, %v", n, err)
	}
}

func TestReadSomeOfPeerThatDidNotRead(t *testing.T) {
	s, far := sockets(t, Options{})
	far.Write([]byte("x"))
	if _, err := s.Write([]byte("y")); err != nil {
		t.Fatal(err)
	}
	far.Close()
	p := make([]byte, 4)
	if n, err := s.ReadSome(p); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := s.ReadSome(p); n != 0 || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%d, %v", n, err)
	}
}

func TestSocketTellsOfOurEnd(t *testing.T) {
	s, far := sockets(t, Options{})
	far.Write([]byte("x"))
	told := 0
	s.Socket(func() { told++ })
	if told != 0 {
		t.Fatal("it was told of an end")
	}
	s.End(ErrStalled)
	s.Close()
	if n, err := s.ReadSome(make([]byte, 4)); n != 0 || err != ErrStalled || told != 1 {
		t.Errorf("%d, %v, told %d times", n, err, told)
	}
	s.Socket(func() { told++ })
	if told != 2 {
		t.Error("nothing is told of an end that has been")
	}
}

func TestNoSocket(t *testing.T) {
	s, _ := pair(t)
	told := 0
	if s.Socket(func() { told++ }) != nil {
		t.Error("a pipe has a socket")
	}
	if s.Close(); told != 1 {
		t.Error("nothing is told of its end")
	}
}
