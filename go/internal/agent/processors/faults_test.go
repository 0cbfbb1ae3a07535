package processors

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// say connects, sends these bytes and nothing more.
func say(t *testing.T, path, text string) net.Conn {
	t.Helper()
	raw, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	if _, err := raw.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return raw
}

// A processor may be stopped during its handshake, and any process of the user may connect and send nothing.
func TestHangingHandshake(t *testing.T) {
	eachProtocol(t, func(t *testing.T, listener *Listener, path string) {
		say(t, path, "")
		if err := accept(t, listener).Open(time.Millisecond); !errors.Is(err, transport.ErrSilent) {
			t.Errorf("got %v", err)
		}
	})
}

func TestCloseEndsOpen(t *testing.T) {
	eachProtocol(t, func(t *testing.T, listener *Listener, path string) {
		far := say(t, path, "")
		peer := accept(t, listener)
		ended := make(chan error, 1)
		go func() { ended <- peer.Open(time.Hour) }()
		// The first part of the handshake has arrived: Open waits for the rest.
		if _, err := far.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		peer.Close()
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}

func TestRubbish(t *testing.T) {
	rubbish := map[string]string{
		"HTTP":         "GET / HTTP/1.1\r\n" + strings.Repeat("x", 100),
		"zeros":        strings.Repeat("\x00", 3) + strings.Repeat("\xff", 100),
		"other magic":  "YMQ\x07" + strings.Repeat("\xff", 100),
		"ZMTP 2":       "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01" + strings.Repeat("\x00", 100),
		"huge message": "\xff\xff\xff\xff\xff\xff\xff\xff" + strings.Repeat("\xff", 100),
	}
	eachProtocol(t, func(t *testing.T, listener *Listener, path string) {
		for name, text := range rubbish {
			if listener.spoken == (transport.Protocol{Kind: transport.YMQ}) && name == "ZMTP 2" {
				continue // without a magic number this is the start of an identity of 255 bytes
			}
			say(t, path, text)
			if err := accept(t, listener).Open(patience); err == nil || errors.Is(err, transport.ErrSilent) {
				t.Errorf("%s: got %v", name, err)
			}
		}
	})
}

// Another protocol of the same release must not be taken for a processor.
func TestOtherProtocols(t *testing.T) {
	greetings := []string{
		"\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01NULL" + strings.Repeat("\x00", 48),
		"\x02\x00\x00\x00\x00\x00\x00\x00me" + strings.Repeat("\xff", 100),
		"YMQ\x01\x02\x00\x00\x00\x00\x00\x00\x00me" + strings.Repeat("\xff", 100),
		"YMQ\x02\x02\x00\x00\x00\x00\x00\x00\x00me" + strings.Repeat("\xff", 100),
	}
	for i, protocol := range spoken {
		listener, path := listen(t, protocol)
		for j, greeting := range greetings {
			if i == j || protocol.Version == 0 && protocol.Kind == transport.YMQ {
				continue // its own; and YMQ without a magic number cannot tell
			}
			far := say(t, path, greeting)
			peer := accept(t, listener)
			ended := make(chan error, 1)
			go func() { ended <- peer.Open(patience) }()
			if err := <-ended; err == nil || errors.Is(err, transport.ErrSilent) {
				t.Errorf("%s took %q: %v", protocol, greeting, err)
			}
			far.Close()
		}
	}
}

// A suspended processor may be stopped for hours: only Close may end a Send to it.
func TestSendWaitsForStoppedProcessor(t *testing.T) {
	eachProtocol(t, func(t *testing.T, listener *Listener, path string) {
		peer, processor := connected(t, listener, path)
		frame, frames := make([]byte, 64<<10), 0
		sending, ended := make(chan int), make(chan error, 1)
		go func() {
			for {
				if err := peer.Send(frame); err != nil {
					close(sending)
					ended <- err
					return
				}
				sending <- 1
			}
		}()
		full := false
		for !full {
			select {
			case <-sending:
				frames++
			case <-time.After(200 * time.Millisecond): // a blocked write has no event
				full = true
			}
		}
		for range frames {
			if got, err := processor.Receive(); err != nil || len(got) != len(frame) {
				t.Fatalf("got %d bytes, %v", len(got), err)
			}
		}
		<-sending // completes
		peer.Close()
		for range sending {
		}
		if err := <-ended; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
}
