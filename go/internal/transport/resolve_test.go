package transport

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

// A scheduler may restart at another address with the same name.
func TestNameIsResolvedForEveryConnection(t *testing.T) {
	certificate, _ := selfSigned(t)
	for _, scheme := range []address.Scheme{address.TCP, address.TLS, address.WS, address.WSS} {
		t.Run(string(scheme), func(t *testing.T) {
			around := map[address.Scheme]func(func(net.Conn)) func(net.Conn){
				address.TCP: func(play func(net.Conn)) func(net.Conn) { return play },
				address.TLS: func(play func(net.Conn)) func(net.Conn) { return overTLS(certificate, play) },
				address.WS:  overWebSocket,
				address.WSS: func(play func(net.Conn)) func(net.Conn) { return overTLS(certificate, overWebSocket(play)) },
			}[scheme]
			named := func(peer string) func(net.Conn) { return around(say("YMQ\x02" + message(peer))) }
			first := serve(t, named("first"))
			second, err := net.Listen("tcp", "127.0.0.2:"+strconv.Itoa(first.Port))
			if err != nil {
				t.Skip(err) // only Linux has a second loopback address
			}
			serveOn(t, second, named("second"))

			var answer atomic.Pointer[netip.Addr]
			useNames(t, &answer)
			to := as(scheme, address.Address{Host: "scheduler.test", Port: first.Port})
			for _, test := range []struct{ at, peer string }{
				{"127.0.0.1", "first"}, {"127.0.0.2", "second"}, {"127.0.0.1", "first"},
			} {
				at := netip.MustParseAddr(test.at)
				answer.Store(&at)
				c, err := Dial(context.Background(), to, me)
				if err != nil {
					t.Fatal(err)
				}
				if string(c.Peer()) != test.peer {
					t.Errorf("the name is that of %s, and %q answers", test.at, c.Peer())
				}
				c.Close()
			}
		})
	}
}

// useNames makes every name resolve to the answer until the test ends.
func useNames(t *testing.T, answer *atomic.Pointer[netip.Addr]) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		query := make([]byte, 1500)
		for {
			n, from, err := server.ReadFrom(query)
			if err != nil {
				return
			}
			server.WriteTo(reply(query[:n], *answer.Load()), from)
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = before; server.Close(); <-done })
}

// reply answers a query of one question (RFC 1035): an A record for type A, none for another.
func reply(query []byte, at netip.Addr) []byte {
	end := 12
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5 // the root, type and class
	isA := query[end-3] == 1
	out := append([]byte{}, query[:end]...)
	copy(out[2:], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}) // a response; one question, no records
	if isA {
		out[7] = 1
		address := at.As4()
		out = append(out, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0x0e, 0x10, 0, 4) // the question's name, A, IN, an hour to live
		out = append(out, address[:]...)
	}
	return out
}
