package integration

import (
	"fmt"
	"io"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// A relay stands between clients and a server, counts the connections and keeps when a client said something. It is also
// an address of the server that is told from the server's own.
type relay struct {
	listener    net.Listener
	connections atomic.Int32
	said        chan time.Time
}

// newRelay serves until the test's end.
func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, said: make(chan time.Time, 1000)}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			r.connections.Add(1)
			go r.serve(client, target)
		}
	}()
	t.Cleanup(func() { listener.Close() })
	return r
}

// address is the relay's, as options take it.
func (r *relay) address() string { return "tcp://" + r.listener.Addr().String() }

func (r *relay) serve(client net.Conn, target string) {
	defer client.Close()
	server, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer server.Close()
	ended := make(chan struct{}, 2)
	go func() {
		_, _ = io.Copy(client, server)
		ended <- struct{}{}
	}()
	go func() {
		_, _ = io.Copy(listening{server, r.said}, client)
		ended <- struct{}{}
	}()
	<-ended
}

type listening struct {
	io.Writer
	said chan<- time.Time
}

func (l listening) Write(text []byte) (int, error) {
	select {
	case l.said <- time.Now():
	default: // nobody asks
	}
	return l.Writer.Write(text)
}

// interval is the median of three times between what clients say from now on. What comes within a fifth of a second
// counts as said at once.
func (r *relay) interval(t *testing.T) time.Duration {
	t.Helper()
	for len(r.said) > 0 {
		<-r.said
	}
	var before time.Time
	var gaps []time.Duration
	limit := time.After(connectTimeout)
	for len(gaps) < 3 {
		select {
		case at := <-r.said:
			if gap := at.Sub(before); !before.IsZero() && gap > 200*time.Millisecond {
				gaps = append(gaps, gap)
			}
			before = at
		case <-limit:
			t.Fatalf("only %d times between two messages within %v", len(gaps), connectTimeout)
		}
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// checkInterval expects about a second, which is not the default.
func (r *relay) checkInterval(t *testing.T, who string) {
	t.Helper()
	if interval := r.interval(t); interval < 500*time.Millisecond || interval > 1600*time.Millisecond {
		t.Errorf("%s says something every %v, want 1 s", who, interval)
	}
}

func (c *cluster) endpoint(offset int) string { return fmt.Sprintf("127.0.0.1:%d", c.port+offset) }
