package ymq

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream/pieces"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// open opens a connection to a peer that sends said, and returns the peer's end too.
func open(t *testing.T, version byte, said string) (*Conn, net.Conn, error) {
	t.Helper()
	near, far := net.Pipe()
	s := stream.New(near, stream.Options{})
	t.Cleanup(func() { s.Close(); far.Close() })
	go far.Write([]byte(said))
	heard := make([]byte, len(greeting(version, "me")))
	read := make(chan error, 1)
	go func() { _, err := io.ReadFull(far, heard); read <- err }()
	c, err := Open(s, version, []byte("me"), 100)
	if err != nil {
		s.Close()
	}
	if hearing := <-read; err == nil && (hearing != nil || string(heard) != greeting(version, "me")) {
		t.Errorf("the peer heard %q, %v", heard, hearing)
	}
	return c, far, err
}

func greeting(version byte, identity string) string {
	if version == NoMagic {
		return message(identity)
	}
	return MagicPrefix + string(version) + message(identity)
}

func message(payload string) string { return string(appendMessage(nil, []byte(payload))) }

func TestOpen(t *testing.T) {
	for _, version := range []byte{NoMagic, First, Second} {
		c, far, err := open(t, version, greeting(version, "scheduler"))
		if err != nil {
			t.Fatal(err)
		}
		if string(c.Peer()) != "scheduler" {
			t.Errorf("version %d: peer is %q", version, c.Peer())
		}
		go far.Write([]byte(message("one") + message("")))
		for _, want := range []string{"one", ""} {
			if got, err := c.Receive(); string(got) != want || err != nil {
				t.Errorf("received %q, %v; want %q", got, err, want)
			}
		}
		sent := make(chan error, 1)
		go func() { sent <- c.Send([]byte("two")) }()
		got := make([]byte, len(message("two")))
		if _, err := io.ReadFull(far, got); err != nil || string(got) != message("two") {
			t.Errorf("the peer got %q, %v", got, err)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRejectsHugeIdentity(t *testing.T) {
	said := binary.LittleEndian.AppendUint64([]byte("YMQ\x01"), maxIdentity+1)
	if _, _, err := open(t, First, string(said)); !errors.Is(err, stream.ErrFrameTooLarge) {
		t.Errorf("got %v, want ErrFrameTooLarge", err)
	}
}

func TestReceiveFaults(t *testing.T) {
	tests := []struct {
		name, sent string
		want       error
	}{
		{"end between messages", "", io.EOF},
		{"end inside a length", message("x")[:5], io.ErrUnexpectedEOF},
		{"end behind a length", message("x")[:8], io.ErrUnexpectedEOF},
		{"end inside a message", message("xyz")[:10], io.ErrUnexpectedEOF},
		{"too long", message(string(make([]byte, 101))), stream.ErrFrameTooLarge},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, far, err := open(t, Second, greeting(Second, "s"))
			if err != nil {
				t.Fatal(err)
			}
			go func() { far.Write([]byte(test.sent)); far.Close() }()
			if got, err := c.Receive(); !errors.Is(err, test.want) {
				t.Errorf("got %q, %v; want %v", got, err, test.want)
			}
		})
	}
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		"", message(""), message("a") + message("bc"), message("abc")[:9], message(string(make([]byte, 300))),
		"\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x00\x00\x00\x00\x00\x80x", "YMQ\x01" + message("id"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, sent []byte) {
		const limit = 256
		in := bytes.NewReader(sent)
		var again []byte
		for {
			payload, err := readMessage(in, limit)
			if err != nil {
				known := err == io.EOF || err == io.ErrUnexpectedEOF || errors.Is(err, stream.ErrFrameTooLarge)
				if !known || payload != nil {
					t.Fatalf("%q with %v", payload, err)
				}
				if err == io.EOF && !bytes.Equal(again, sent) {
					t.Fatalf("read as %q", again)
				}
				return
			}
			if payload == nil || len(payload) > limit {
				t.Fatalf("payload %q", payload)
			}
			again = appendMessage(again, payload)
			if !bytes.HasPrefix(sent, again) {
				t.Fatalf("read as %q", again)
			}
		}
	})
}

// FuzzPieces compares bytes that arrive in two pieces with those read at once.
func FuzzPieces(f *testing.F) {
	for _, seed := range []string{
		"", message(""), message("a") + message("bc"), message("abc")[:9], message(string(make([]byte, 300))),
		"\xff\xff\xff\xff\xff\xff\xff\xff", message("a") + "\x00\x00\x00\x00\x00\x00\x00\x80x",
	} {
		for _, at := range []uint{1, 7, 8, 10} {
			f.Add([]byte(seed), at)
		}
	}
	f.Fuzz(func(t *testing.T, sent []byte, at uint) {
		const limit = 256
		in := bytes.NewReader(sent)
		take := func(_, body []byte) (bool, error) {
			want, err := readMessage(in, limit)
			if err != nil || !bytes.Equal(body, want) {
				t.Fatalf("got %q, want %q, %v", body, want, err)
			}
			return true, nil
		}
		cut := (&Conn{maxFrame: limit}).cut
		err := pieces.Split(sent, at, cut, take)
		if _, want := readMessage(in, limit); err.Error() != want.Error() {
			t.Errorf("got %v, want %v", err, want)
		}
	})
}

// accepted accepts a peer that sends said after it has read our greeting.
func accepted(t *testing.T, version byte, said string) (*Conn, error) {
	t.Helper()
	near, far := net.Pipe()
	s := stream.New(near, stream.Options{})
	t.Cleanup(func() { s.Close(); far.Close() })
	go func() {
		heard := make([]byte, len(greeting(version, "me")))
		if _, err := io.ReadFull(far, heard); err != nil || string(heard) != greeting(version, "me") {
			t.Errorf("the peer heard %q, %v", heard, err)
		}
		far.Write([]byte(said))
		far.Close()
	}()
	return Accept(s, version, []byte("me"), 100)
}

func TestAccept(t *testing.T) {
	for _, version := range []byte{NoMagic, First, Second} {
		c, err := accepted(t, version, greeting(version, "processor")+message("one"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Receive(); string(c.Peer()) != "processor" || string(got) != "one" || err != nil {
			t.Errorf("version %d: %q said %q, %v", version, c.Peer(), got, err)
		}
	}
}

func TestAcceptRejects(t *testing.T) {
	huge := string(binary.LittleEndian.AppendUint64([]byte("YMQ\x01"), maxIdentity+1))
	for said, want := range map[string]error{
		greeting(Second, "p"): ErrMagic,
		"GET /":               ErrMagic,
		huge:                  stream.ErrFrameTooLarge,
		"YMQ":                 io.ErrUnexpectedEOF,
		"":                    io.EOF,
	} {
		if _, err := accepted(t, First, said); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", said, err, want)
		}
	}
}
