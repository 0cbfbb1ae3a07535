package session

import (
	"bytes"
	"context"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// from is a connection from an address that tests take away.
type from struct {
	transport.Conn
	address net.IP
}

func (f from) Local() net.Addr { return &net.TCPAddr{IP: f.address} }

var former = net.IPv4(192, 0, 2, 1)

// startMoved starts a link with a connection from the former address, which goes when the function is called.
func startMoved(t *testing.T, s *scheduler) (told <-chan string, j *journal, first *manager, take func()) {
	t.Helper()
	j = newJournal(t)
	o := options(s.address())
	o.Log = j.log
	made := 0
	o.Identity = func() []byte { made++; return []byte{'0' + byte(made)} }
	o.Transport.Identity = o.Identity()
	opened := make(chan transport.Conn, 1)
	go func() {
		connection, err := transport.Dial(context.Background(), s.address(), o.Transport)
		if err != nil {
			t.Error(err)
		}
		opened <- connection
	}()
	first = s.accept()
	o.First = from{<-opened, former}
	told = comings(&o.Link)
	var taken atomic.Bool
	l := newLink(o.Link)
	l.addressInterval = time.Millisecond
	l.hasAddress = func(ip net.IP) bool { return !taken.Load() || !ip.Equal(former) }
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = l.keepConnected(ctx, func(ctx context.Context, connection transport.Conn) error {
			defer context.AfterFunc(ctx, func() { connection.Close() })()
			_, err := connection.Receive()
			return err
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return told, j, first, func() { taken.Store(true) }
}

// The kernel says nothing on the connection when the host's address is taken away.
func TestHostMoves(t *testing.T) {
	s := newScheduler(t)
	told, j, first, take := startMoved(t, s)
	expect(t, told, "found")
	take()
	j.await("this host has no longer the address 192.0.2.1; trying again")
	first.awaitEnd()
	second := s.accept()
	expect(t, told, "lost", "moved", "found")
	if slices.Equal(second.identity, first.identity) {
		t.Errorf("the second connection has the identity of the dead one, %q", second.identity)
	}
}

// A connection that ends while the host keeps its address is no move, from whichever address the next one is.
func TestHostKeepsItsAddress(t *testing.T) {
	s := newScheduler(t)
	told, _, first, _ := startMoved(t, s)
	expect(t, told, "found")
	first.connection.Close()
	second := s.accept()
	expect(t, told, "lost", "found")
	if !bytes.Equal(second.identity, first.identity) {
		t.Errorf("the second connection has the identity %q, want %q", second.identity, first.identity)
	}
}

func TestAddressesOfThisHost(t *testing.T) {
	if !hasAddress(net.IPv4(127, 0, 0, 1)) || hasAddress(former) {
		t.Error("want 127.0.0.1 and not 192.0.2.1")
	}
}
