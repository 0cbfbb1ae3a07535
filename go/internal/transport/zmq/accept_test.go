package zmq

import (
	"errors"
	"io"
	"net"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// accepted accepts a peer with this socket type.
func accepted(t *testing.T, socketType string) (*Conn, net.Conn, error) {
	t.Helper()
	near, far := net.Pipe()
	s := stream.New(near, stream.Options{})
	t.Cleanup(func() { s.Close(); far.Close() })
	metadata := "\x0bSocket-Type\x00\x00\x00" + string(rune(len(socketType))) + socketType
	read := make(chan error, 1)
	go func() {
		_, err := io.ReadFull(far, make([]byte, 64))
		if err == nil {
			_, err = readFrame(far, 0)
		}
		read <- err
	}()
	go far.Write([]byte(greeting("NULL") + short(flagCommand, command("READY", metadata))))
	c, err := Accept(s, 1000)
	if hearing := <-read; err == nil && hearing != nil {
		t.Fatal(hearing)
	}
	return c, far, err
}

func TestAcceptTakesDealer(t *testing.T) {
	c, far, err := accepted(t, "DEALER")
	if err != nil {
		t.Fatal(err)
	}
	go far.Write([]byte(short(0, "one")))
	if got, err := c.Receive(); string(got) != "one" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAcceptRejectsOtherSockets(t *testing.T) {
	for _, socketType := range []string{"ROUTER", "PUB", "PAIR", "nonsense"} {
		if _, _, err := accepted(t, socketType); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v", socketType, err)
		}
	}
}
