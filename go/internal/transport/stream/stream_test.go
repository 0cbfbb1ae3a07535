package stream

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair returns a stream over an unbuffered pipe, and the peer's end.
func pair(t *testing.T) (*Stream, net.Conn) {
	t.Helper()
	near, far := net.Pipe()
	s := New(near, Options{})
	t.Cleanup(func() { s.Close(); far.Close() })
	return s, far
}

func TestPeekLeavesBytesToBeRead(t *testing.T) {
	s, far := pair(t)
	go far.Write([]byte("hello"))
	if got, err := s.Peek(4); string(got) != "hell" || err != nil {
		t.Fatalf("peeked %q, %v", got, err)
	}
	if got := s.Arrived(16); string(got) != "hello" {
		t.Errorf("arrived %q", got)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(s, got); string(got) != "hello" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	far.Close()
	if _, err := s.Peek(1); !errors.Is(err, io.EOF) {
		t.Errorf("after the peer's end: %v", err)
	}
}

func TestCloseEndsReadAndWrite(t *testing.T) {
	s, _ := pair(t)
	failed := make(chan error, 2)
	go func() { _, err := s.Read(make([]byte, 1)); failed <- err }()
	go func() { _, err := s.Write([]byte("never read")); failed <- err }()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-failed; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v, want net.ErrClosed", err)
		}
	}
	if err := s.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

func TestCloseHidesWhatHadArrived(t *testing.T) {
	s, far := pair(t)
	go far.Write([]byte("xy"))
	if _, err := s.Peek(2); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
}

func TestWriteToPeerThatDoesNotRead(t *testing.T) {
	s, _ := pair(t)
	s.writeTimeout = time.Millisecond
	if _, err := s.Write([]byte("x")); !errors.Is(err, ErrStalled) {
		t.Errorf("Write: %v, want ErrStalled", err)
	}
	if _, err := s.Read(make([]byte, 1)); !errors.Is(err, ErrStalled) {
		t.Errorf("Read: %v, want ErrStalled", err)
	}
}

func TestPatientWriteWaitsForClose(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	s := New(near, Options{NoWriteTimeout: true})
	failed := make(chan error, 1)
	go func() { _, err := s.Write([]byte("xy")); failed <- err }()
	if _, err := io.ReadFull(far, make([]byte, 1)); err != nil { // the write has begun and is blocked
		t.Fatal(err)
	}
	s.Close()
	if err := <-failed; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v, want net.ErrClosed", err)
	}
}

func TestSmallBufferTakesAnyBody(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	s := New(near, Options{Buffer: SmallBuffer})
	defer s.Close()
	body := bytes.Repeat([]byte("0123456789"), eagerBody/5)
	go far.Write(append([]byte("head"), body...))
	if head, err := s.Peek(4); string(head) != "head" || err != nil {
		t.Fatalf("peeked %q, %v", head, err)
	}
	if _, err := io.ReadFull(s, make([]byte, 4)); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadBody(s, uint64(len(body)), len(body)); !bytes.Equal(got, body) || err != nil {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

func TestWriteErrorEndsStream(t *testing.T) {
	s, far := pair(t)
	far.Close()
	_, first := s.Write([]byte("x"))
	_, second := s.Write([]byte("x"))
	if !errors.Is(first, io.ErrClosedPipe) || !errors.Is(second, io.ErrClosedPipe) {
		t.Errorf("got %v, then %v", first, second)
	}
}

func TestWritesDoNotMix(t *testing.T) {
	s, far := pair(t)
	var group sync.WaitGroup
	for _, letter := range []string{"a", "b", "c"} {
		group.Add(1)
		go func() {
			defer group.Done()
			for range 50 {
				if _, err := s.Write(bytes.Repeat([]byte(letter), 100)); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	got := make([]byte, 100)
	for range 150 {
		for i := 0; i < len(got); i += 10 {
			if _, err := io.ReadFull(far, got[i:i+10]); err != nil {
				t.Fatal(err)
			}
		}
		if n := bytes.Count(got, got[:1]); n != len(got) {
			t.Fatalf("mixed: %q", got)
		}
	}
	group.Wait()
}

func TestReadBody(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789"), eagerBody/5)
	tests := []struct {
		name     string
		sent     []byte
		length   uint64
		limit    int
		want     error
		wantBody []byte
	}{
		{"empty", nil, 0, 0, nil, []byte{}},
		{"small", []byte("abc"), 2, 2, nil, []byte("ab")},
		{"big", big, uint64(len(big)), len(big), nil, big},
		{"small, cut", []byte("a"), 2, 2, io.ErrUnexpectedEOF, nil},
		{"small, nothing came", nil, 2, 2, io.ErrUnexpectedEOF, nil},
		{"big, cut", big, uint64(len(big)) + 1, 1 << 30, io.ErrUnexpectedEOF, nil},
		{"one too many", []byte("abc"), 3, 2, ErrFrameTooLarge, nil},
		{"negative as int64", nil, 1 << 63, 1 << 30, ErrFrameTooLarge, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ReadBody(bytes.NewReader(test.sent), test.length, test.limit)
			if !errors.Is(err, test.want) || !bytes.Equal(got, test.wantBody) || (got == nil) != (test.wantBody == nil) {
				t.Errorf("got %d bytes, %v; want %d, %v", len(got), err, len(test.wantBody), test.want)
			}
		})
	}
}

func TestAnnouncedLengthCostsNothing(t *testing.T) {
	const announced = 1 << 30
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := ReadBody(strings.NewReader("0123456789"), announced, announced); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8*eagerBody {
		t.Errorf("%d bytes were allocated for 10 of %d announced", used, announced)
	}
}
