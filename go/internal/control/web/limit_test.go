package web

import (
	"errors"
	"net"
	"testing"
)

// One more connection than there are places is served when another one has ended.
func TestLimit(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newLimit(inner, 2)
	accepted := make(chan net.Conn)
	ended := make(chan error)
	go func() {
		for {
			connection, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- connection
		}
	}()
	for range 3 {
		connection, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
	}
	first, second := <-accepted, <-accepted
	select {
	case <-accepted:
		t.Fatal("a third connection is served")
	default:
	}
	if len(l.places) != 2 {
		t.Errorf("%d places are taken", len(l.places))
	}
	first.Close()
	first.Close() // leaves once
	third := <-accepted
	l.Close()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ends with %v", err)
	}
	second.Close()
	third.Close()
	if len(l.places) != 0 {
		t.Errorf("%d places are taken for ever", len(l.places))
	}
}
