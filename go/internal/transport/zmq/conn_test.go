package zmq

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ready = "\x0bSocket-Type\x00\x00\x00\x06ROUTER\x08Identity\x00\x00\x00\x00"

// greeting returns that of libzmq 4.3: version 3.1, as-server 0.
func greeting(mechanism string) string {
	return "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01" + mechanism + strings.Repeat("\x00", 64-12-len(mechanism))
}

// open opens a connection to a peer that sends said. It returns the peer's end too, after our greeting and READY.
func open(t *testing.T, said string) (*Conn, net.Conn, error) {
	t.Helper()
	near, far := net.Pipe()
	s := stream.New(near, stream.Options{})
	t.Cleanup(func() { s.Close(); far.Close() })
	go far.Write([]byte(said))
	read := make(chan error, 1)
	go func() {
		if _, err := io.ReadFull(far, make([]byte, 64)); err != nil {
			read <- err
			return
		}
		f, err := readFrame(far, 0)
		if err == nil && !(f.command && bytes.Contains(f.body, []byte("\x08Identity\x00\x00\x00\x02me"))) {
			err = fmt.Errorf("not our READY: %q", f.body)
		}
		read <- err
	}()
	c, err := Open(s, []byte("me"), 1000)
	if err != nil {
		s.Close()
	}
	if hearing := <-read; err == nil && hearing != nil {
		t.Fatal(hearing)
	}
	return c, far, err
}

func opened(t *testing.T) (*Conn, net.Conn) {
	t.Helper()
	c, far, err := open(t, greeting("NULL")+short(flagCommand, command("READY", ready)))
	if err != nil {
		t.Fatal(err)
	}
	return c, far
}

func TestMessages(t *testing.T) {
	c, far := opened(t)
	big := strings.Repeat("x", 300)
	go far.Write([]byte(short(0, "one") + short(0, "") + long(0, big)))
	for _, want := range []string{"one", "", big} {
		if got, err := c.Receive(); string(got) != want || err != nil {
			t.Errorf("received %q, %v; want %q", got, err, want)
		}
	}
	for _, want := range []string{"two", "", big} {
		sent := make(chan error, 1)
		go func() { sent <- c.Send([]byte(want)) }()
		if got, err := readFrame(far, 1000); string(got.body) != want || got.more || got.command || err != nil {
			t.Errorf("the peer got %+v, %v; want %q", got, err, want)
		}
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
}

func TestOpenFaults(t *testing.T) {
	hello := greeting("NULL")
	tests := []struct {
		name, said string
		want       error // nil: only the text
		text       string
	}{
		{"curve", greeting("CURVE"), nil, "security mechanism"},
		{"ZMTP 2", "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01" + strings.Repeat("\x00", 53), nil, "version"},
		{"message before READY", hello + short(0, "x"), ErrMalformed, ""},
		{"other command before READY", hello + short(flagCommand, command("PING", "\x00\x00")), ErrMalformed, ""},
		{"nameless command", hello + short(flagCommand, ""), ErrMalformed, ""},
		{"name beyond the command", hello + short(flagCommand, "\x09READY"), ErrMalformed, ""},
		{"refused", hello + short(flagCommand, command("ERROR", "\x03why")), nil, "why"},
		{"huge READY", hello + long(flagCommand, string(make([]byte, maxCommand+1))), stream.ErrFrameTooLarge, ""},
		{"metadata cut", hello + short(flagCommand, command("READY", ready[:9])), ErrMalformed, ""},
		{"no socket type", hello + short(flagCommand, command("READY", "")), ErrMalformed, ""},
		{"made up socket type", hello + short(flagCommand, command("READY", "\x0bSocket-Type\x00\x00\x00\x01X")),
			ErrMalformed, ""},
		{"publisher", hello + short(flagCommand, command("READY", "\x0bSocket-Type\x00\x00\x00\x03PUB")),
			ErrPublisher, "publisher"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := open(t, test.said)
			if err == nil || test.want != nil && !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.text) {
				t.Errorf("got %v, want %v %q", err, test.want, test.text)
			}
		})
	}
}

func TestOpenRejectsLongIdentity(t *testing.T) {
	if _, err := Open(nil, make([]byte, MaxIdentity+1), 1); err == nil {
		t.Error("an identity of 256 bytes was taken")
	}
}

func TestReceiveFaults(t *testing.T) {
	tests := []struct {
		name, sent string
		want       error
	}{
		{"end between messages", "", io.EOF},
		{"end inside a message", short(0, "abc")[:3], io.ErrUnexpectedEOF},
		{"too long", long(0, string(make([]byte, 1001))), stream.ErrFrameTooLarge},
		{"several frames", short(flagMore, "a") + short(0, "b"), ErrMalformed},
		{"PING without time to live", short(flagCommand, command("PING", "\x00")), ErrMalformed},
		{"nameless command", short(flagCommand, "\x00"), ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, far := opened(t)
			go func() { far.Write([]byte(test.sent)); far.Close() }()
			if got, err := c.Receive(); !errors.Is(err, test.want) {
				t.Errorf("got %q, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestPing(t *testing.T) {
	for _, context := range []string{"", "0123456789abcdef"} {
		t.Run(fmt.Sprintf("context of %d", len(context)), func(t *testing.T) {
			c, far := opened(t)
			received := make(chan string, 1)
			go func() { got, _ := c.Receive(); received <- string(got) }()
			far.Write([]byte(short(flagCommand, command("PING", "\x00\x05"+context))))
			got, err := readFrame(far, 0)
			if err != nil || !got.command || string(got.body) != command("PONG", context) {
				t.Errorf("got %+v, %v", got, err)
			}
			far.Write([]byte(short(flagCommand, command("PONG", "")) + short(0, "next")))
			if got := <-received; got != "next" {
				t.Errorf("received %q", got)
			}
		})
	}
}

func TestPongsAndMessagesDoNotMix(t *testing.T) {
	const rounds = 200
	c, far := opened(t)
	var group sync.WaitGroup
	group.Add(3)
	go func() { // answers PINGs
		defer group.Done()
		_, _ = c.Receive()
	}()
	go func() {
		defer group.Done()
		for range rounds {
			if err := c.Send(bytes.Repeat([]byte("m"), 400)); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	go func() {
		defer group.Done()
		for range rounds {
			far.Write([]byte(short(flagCommand, command("PING", "\x00\x00ctx"))))
		}
		far.Write([]byte(short(0, "end")))
	}()
	pongs := 0
	for range 2 * rounds {
		got, err := readFrame(far, 1000)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case got.command && string(got.body) == command("PONG", "ctx"):
			pongs++
		case got.command || bytes.Count(got.body, []byte("m")) != 400:
			t.Fatalf("got %+v", got)
		}
	}
	group.Wait()
	if pongs != rounds {
		t.Errorf("%d PONGs to %d PINGs", pongs, rounds)
	}
}

// zmq4 is the peer, so that an error common to both ends of the other tests would show.
func TestLibraryAsPeer(t *testing.T) {
	near, far := loopback(t)
	type result struct {
		conn *zmq4.Conn
		err  error
	}
	accepted := make(chan result, 1)
	go func() {
		conn, err := zmq4.Open(far, null.Security(), zmq4.Router, nil, true, nil)
		accepted <- result{conn, err}
	}()
	c, err := Open(stream.New(near, stream.Options{}), []byte("me"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	peer := <-accepted
	if peer.err != nil {
		t.Fatal(peer.err)
	}
	if got := peer.conn.Peer.Meta["Identity"]; got != "me" {
		t.Errorf("our identity came as %q", got)
	}
	go c.Send([]byte("to the scheduler"))
	if got, err := peer.conn.RecvMsg(); err != nil || string(got.Bytes()) != "to the scheduler" {
		t.Errorf("the peer received %v, %v", got, err)
	}
	go peer.conn.SendMsg(zmq4.NewMsgString("to the manager"))
	if got, err := c.Receive(); err != nil || string(got) != "to the manager" {
		t.Errorf("received %q, %v", got, err)
	}
}

// loopback returns connected sockets. Unlike with a pipe, both sides can write first.
func loopback(t *testing.T) (near, far net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if near, err = net.Dial("tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}
