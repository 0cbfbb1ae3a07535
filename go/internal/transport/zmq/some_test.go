package zmq

import (
	"errors"
	"io"
	"net"
	"runtime"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// plain returns a connection over a socket.
func plain(t *testing.T) (*Conn, net.Conn) {
	t.Helper()
	near, far := loopback(t)
	far.Write([]byte(greeting("NULL") + short(flagCommand, command("READY", ready))))
	c, err := Open(stream.New(near, stream.Options{}), []byte("me"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.ReadFull(far, make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	if _, err := readFrame(far, 0); err != nil {
		t.Fatal(err)
	}
	return c, far
}

// some calls ReceiveSome until a message or an error comes.
func some(c *Conn) (got string, err error) {
	scratch := make([]byte, 10)
	for taken := false; err == nil && !taken; runtime.Gosched() {
		err = c.ReceiveSome(scratch, func(frame []byte) bool {
			got += string(frame)
			taken = true
			return true
		})
	}
	return got, err
}

func TestReceiveSomeAnswersPing(t *testing.T) {
	c, far := plain(t)
	far.Write([]byte(short(flagCommand, command("PING", "\x00\x05ctx"))))
	far.Write([]byte(short(flagCommand, command("PONG", "")) + short(0, "next")))
	if got, err := some(c); got != "next" || err != nil {
		t.Errorf("received %q, %v", got, err)
	}
	if got, err := readFrame(far, 0); err != nil || !got.command || string(got.body) != command("PONG", "ctx") {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A peer that sends PINGs and does not read must not block a goroutine that serves others.
func TestReceiveSomeDoesNotWaitForPeer(t *testing.T) {
	c, far := plain(t)
	var finish func() error
	for finish == nil {
		var err error
		if _, finish, err = c.SendSome([][]byte{make([]byte, 1000)}); err != nil {
			t.Fatal(err)
		}
	}
	sent := make(chan error, 1)
	go func() { sent <- finish() }()
	for range 3 {
		far.Write([]byte(short(flagCommand, command("PING", "\x00\x05ctx"))))
	}
	far.Write([]byte(short(0, "next")))
	if got, err := some(c); got != "next" || err != nil {
		t.Errorf("received %q, %v", got, err)
	}
	for { // the PONG comes after the blocked message
		got, err := readFrame(far, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if got.command {
			break
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestReceiveSomeFaults(t *testing.T) {
	for sent, want := range map[string]error{
		short(flagMore, "a"):                     ErrMalformed,
		short(8, "a"):                            ErrMalformed,
		short(flagCommand, ""):                   ErrMalformed,
		short(flagCommand, command("PING", "")):  ErrMalformed,
		long(0, "")[:1] + "\xff":                 io.ErrUnexpectedEOF,
		short(flagMore, "ab")[:3]:                io.ErrUnexpectedEOF,
		long(0, string(make([]byte, 1001)))[:50]: stream.ErrFrameTooLarge,
		"":                                       io.EOF,
	} {
		c, far := plain(t)
		far.Write([]byte(sent))
		far.Close()
		if got, err := some(c); !errors.Is(err, want) {
			t.Errorf("%q: got %q, %v; want %v", sent, got, err, want)
		}
	}
}
