package web

import (
	"io"
	"net"
	"net/http"
	"testing"
)

// A connection beyond the limit closes the oldest, and no other.
func TestLimit(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newLimitListener(inner, 2)
	defer l.Close()
	connect := func() (client, server net.Conn) {
		t.Helper()
		if client, err = net.Dial("tcp", inner.Addr().String()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		if server, err = l.Accept(); err != nil {
			t.Fatal(err)
		}
		return client, server
	}
	first, _ := connect()
	second, secondServer := connect()
	third, thirdServer := connect()
	if _, err := first.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the oldest ends with %v", err)
	}
	secondServer.Close()
	secondServer.Close()
	if _, err := second.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the one that was closed ends with %v", err)
	}
	_, fourthServer := connect() // in the place of the second
	if _, err := thirdServer.Write([]byte("x")); err != nil {
		t.Errorf("the third is closed, though there was a place: %v", err)
	}
	if _, err := third.Read(make([]byte, 1)); err != nil {
		t.Error(err)
	}
	thirdServer.Close()
	fourthServer.Close()
	if l.open.Len() != 0 {
		t.Errorf("%d places are taken for ever", l.open.Len())
	}
}

// addressed is a listener whose connections claim to come from given hosts.
type addressed struct {
	net.Listener
	hosts []string
}

func (a *addressed) Accept() (net.Conn, error) {
	connection, err := a.Listener.Accept()
	host := a.hosts[0]
	a.hosts = a.hosts[1:]
	return from{connection, host}, err
}

type from struct {
	net.Conn
	host string
}

func (f from) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(f.host)} }

// A host with many connections loses its own, not those of a host with few.
func TestLimitIsFair(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{"10.0.0.1", "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.2"}
	l := newLimitListener(&addressed{inner, hosts}, 3)
	defer l.Close()
	var servers []net.Conn
	for range hosts {
		client, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		servers = append(servers, server)
	}
	for i, open := range []bool{true, false, false, true, true} {
		if _, err := servers[i].Write([]byte("x")); (err == nil) != open {
			t.Errorf("connection %d, of %s: %v", i, hosts[i], err)
		}
	}
}

// Silent clients do not keep others out.
func TestCrowd(t *testing.T) {
	s := serve(t, serving(), Options{})
	for range 3 * maxConnections {
		silent, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer silent.Close()
		if _, err := silent.Write([]byte("GET /status HTTP/1.1\r\nHost: localhost\r\n")); err != nil {
			continue // closed by the server
		}
	}
	if a := get(t, s, "/healthz"); a.status != http.StatusOK {
		t.Errorf("got %s", a)
	}
	l := s.listener.(*limitListener)
	l.mu.Lock()
	defer l.mu.Unlock()
	if open := l.open.Len(); open > maxConnections {
		t.Errorf("%d connections are open", open)
	}
}
