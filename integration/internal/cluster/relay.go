package cluster

import (
	"io"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"
)

// A Relay stands between clients and a server. It counts connections and notes when clients send. Its address shows
// which of two addresses of the same server a client used.
type Relay struct {
	Listener    net.Listener
	Connections atomic.Int32
	Said        chan time.Time
}

// NewRelay starts a relay, which ends with the test.
func NewRelay(t *testing.T, target string) *Relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &Relay{Listener: listener, Said: make(chan time.Time, 1000)}
	r.accept(t, target)
	return r
}

// Open listens again at the address of a relay whose listener was closed.
func (r *Relay) Open(t *testing.T, target string) {
	t.Helper()
	listener, err := net.Listen("tcp", r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r.Listener = listener
	r.accept(t, target)
}

func (r *Relay) accept(t *testing.T, target string) {
	listener := r.Listener
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			r.Connections.Add(1)
			go r.Serve(client, target)
		}
	}()
	t.Cleanup(func() { listener.Close() })
}

// Address is the address of the relay, as options take it.
func (r *Relay) Address() string { return "tcp://" + r.Listener.Addr().String() }

func (r *Relay) Serve(client net.Conn, target string) {
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
		_, _ = io.Copy(listening{server, r.Said}, client)
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

// interval is the median of three pauses between messages of clients from now on. Messages within a fifth of a second
// count as one.
func (r *Relay) interval(t *testing.T) time.Duration {
	t.Helper()
	for len(r.Said) > 0 {
		<-r.Said
	}
	var before time.Time
	var gaps []time.Duration
	limit := time.After(ConnectTimeout)
	for len(gaps) < 3 {
		select {
		case at := <-r.Said:
			if gap := at.Sub(before); !before.IsZero() && gap > 200*time.Millisecond {
				gaps = append(gaps, gap)
			}
			before = at
		case <-limit:
			t.Fatalf("only %d pauses between messages within %v", len(gaps), ConnectTimeout)
		}
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// CheckInterval expects a pause of about a second, which is not the default.
func (r *Relay) CheckInterval(t *testing.T, who string) {
	t.Helper()
	if interval := r.interval(t); interval < 500*time.Millisecond || interval > 1600*time.Millisecond {
		t.Errorf("%s sends a message every %v, want 1 s", who, interval)
	}
}
