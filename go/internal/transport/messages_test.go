package transport

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

func TestEveryTransport(t *testing.T) {
	certificate, pool := selfSigned(t)
	trusting := me
	trusting.TLS = &tls.Config{RootCAs: pool}
	small := me
	small.ReadBuffer = SmallReadBuffer
	first, second := Protocol{YMQ, 1}, Protocol{YMQ, 2}
	ymq2 := echo("YMQ\x02", string(me.Identity))
	tests := []struct {
		name    string
		to      address.Address
		options Options
		want    Protocol
	}{
		{"ZMQ", serve(t, echoZMQ), me, Protocol{ZMQ, 0}},
		{"YMQ without magic", serve(t, echo("", string(me.Identity))), me, Protocol{YMQ, 0}},
		{"YMQ 1", serve(t, echo("YMQ\x01", string(me.Identity))), me, first},
		{"YMQ 2", serve(t, ymq2), me, second},
		{"ipc", serveUnix(t, ymq2), me, second},
		{"ZMQ, small buffer", serve(t, echoZMQ), small, Protocol{ZMQ, 0}},
		{"ipc, small buffer", serveUnix(t, ymq2), small, second},
		{"tls", as(address.TLS, serve(t, overTLS(certificate, ymq2))), me, second},
		{"tls, verified", as(address.TLS, serve(t, overTLS(certificate, ymq2))), trusting, second},
		{"ws", as(address.WS, serve(t, overWebSocket(ymq2))), me, second},
		{"wss", as(address.WSS, serve(t, overTLS(certificate, overWebSocket(ymq2)))), me, second},
		{"wss, verified", as(address.WSS, serve(t, overTLS(certificate, overWebSocket(ymq2)))), trusting, second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got, err := Probe(context.Background(), test.to, Options{TLS: test.options.TLS}); got != test.want || err != nil {
				t.Fatalf("probed %s, %v; want %s", got, err, test.want)
			}
			c, err := Dial(context.Background(), test.to, test.options)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if c.Protocol() != test.want {
				t.Errorf("dialed %s, want %s", c.Protocol(), test.want)
			}
			peer := "scheduler"
			if test.want.Kind == ZMQ {
				peer = ""
			}
			if string(c.Peer()) != peer {
				t.Errorf("the scheduler is %q, want %q", c.Peer(), peer)
			}
			for _, want := range [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("long "), 50000)} {
				sent := make(chan error, 1)
				go func() { sent <- c.Send(want) }()
				if got, err := c.Receive(); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("received %d bytes, %v; want %d", len(got), err, len(want))
				}
				if err := <-sent; err != nil {
					t.Fatal(err)
				}
			}
			sendSome(t, c, []byte("one"), []byte{}, bytes.Repeat([]byte("long "), 50000), []byte("last"))
			ended := make(chan struct{})
			socket := c.Socket(func() { close(ended) })
			if plain := test.to.Scheme == address.TCP || test.to.Scheme == address.IPC; plain != (socket != nil) {
				t.Errorf("Socket: %v", socket)
			}
			if socket != nil {
				receiveSome(t, c, socket, []byte("one"), []byte{}, bytes.Repeat([]byte("long "), 50000), []byte("last"))
			}
			received := make(chan error, 1)
			go func() {
				if socket != nil {
					<-ended
					received <- c.ReceiveSome(make([]byte, 1<<10), nil)
					return
				}
				_, err := c.Receive()
				received <- err
			}()
			if err := c.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if err := <-received; !errors.Is(err, net.ErrClosed) {
				t.Errorf("Receive after Close: %v", err)
			}
			if err := c.Send([]byte("x")); !errors.Is(err, net.ErrClosed) {
				t.Errorf("Send after Close: %v", err)
			}
			if err := c.Close(); err != nil {
				t.Errorf("second Close: %v", err)
			}
		})
	}
}

// sendSome sends messages to an echo server, and receives them.
func sendSome(t *testing.T, c Conn, messages ...[]byte) {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		for left := messages; len(left) > 0; {
			n, finish, err := c.SendSome(left)
			if err == nil && finish != nil {
				err = finish()
			}
			if err != nil {
				sent <- err
				return
			}
			left = left[n:]
		}
		sent <- nil
	}()
	for _, want := range messages {
		if got, err := c.Receive(); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("received %d bytes, %v; want %d", len(got), err, len(want))
		}
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

// receiveSome receives messages from an echo server. It takes each when it is offered for the second time.
func receiveSome(t *testing.T, c Conn, socket syscall.RawConn, messages ...[]byte) {
	t.Helper()
	sent := make(chan error, len(messages))
	go func() {
		for _, message := range messages {
			sent <- c.Send(message)
		}
	}()
	scratch, offered, left := make([]byte, 1<<10), 0, false
	for offered < 2*len(messages) {
		if !left {
			await(t, socket)
		}
		left = false
		err := c.ReceiveSome(scratch, func(frame []byte) bool {
			if want := messages[offered/2]; !bytes.Equal(frame, want) {
				t.Errorf("received %d bytes, want %d", len(frame), len(want))
			}
			left = offered%2 == 0
			offered++
			return !left
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for range messages {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
}

// await waits until a socket is readable.
func await(t *testing.T, socket syscall.RawConn) {
	t.Helper()
	err := socket.Read(func(descriptor uintptr) bool {
		n, _ := unix.Poll([]unix.PollFd{{Fd: int32(descriptor), Events: unix.POLLIN}}, 0)
		return n > 0
	})
	if err != nil {
		t.Fatal(err)
	}
}

func serveUnix(t *testing.T, play func(net.Conn)) address.Address {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, listener, play)
}

// Each way in which a scheduler can end a connection, over each transport.
func TestHowItEnds(t *testing.T) {
	certificate, _ := selfSigned(t)
	hello := "YMQ\x02" + message("scheduler")
	// ending waits for our greeting, so that nothing unread turns a graceful end into a reset.
	ending := func(last string) func(net.Conn) {
		return func(c net.Conn) {
			io.WriteString(c, hello)
			io.ReadFull(c, make([]byte, 4+len(message(string(me.Identity)))))
			io.WriteString(c, last)
		}
	}
	reset := func(c net.Conn) {
		ending("")(c)
		c.(*net.TCPConn).SetLinger(0)
	}
	huge := "\x00\x00\x00\x00\x01\x00\x00\x00"
	tests := []struct {
		name string
		to   address.Address
		want error
	}{
		{"tcp, graceful", serve(t, ending("")), io.EOF},
		{"tcp, inside a message", serve(t, ending(message("abc")[:9])), io.ErrUnexpectedEOF},
		{"tcp, reset", serve(t, reset), syscall.ECONNRESET},
		{"tcp, too long", serve(t, ending(huge)), ErrFrameTooLarge},
		{"tls, graceful", as(address.TLS, serve(t, overTLS(certificate, ending("")))), io.EOF},
		{"ws, graceful", as(address.WS, serve(t, overWebSocket(ending("")))), io.EOF},
		{"ws, inside a message", as(address.WS, serve(t, overWebSocket(ending(message("abc")[:9])))), io.ErrUnexpectedEOF},
		{"ws, too long", as(address.WS, serve(t, overWebSocket(ending(huge)))), ErrFrameTooLarge},
		{"wss, graceful", as(address.WSS, serve(t, overTLS(certificate, overWebSocket(ending(""))))), io.EOF},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c, err := Dial(context.Background(), test.to, me)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got, err := c.Receive(); !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.to.String()) {
				t.Errorf("received %q, %v; want %v", got, err, test.want)
			}
			if test.to.Secure() || test.to.WebSocket() {
				return
			}
			if c, err = Dial(context.Background(), test.to, me); err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for socket := c.Socket(func() {}); err == nil; {
				await(t, socket)
				err = c.ReceiveSome(make([]byte, 7), nil)
			}
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.to.String()) {
				t.Errorf("ReceiveSome: %v; want %v", err, test.want)
			}
		})
	}
}

func TestCloseEndsBlockedSend(t *testing.T) {
	certificate, _ := selfSigned(t)
	for _, scheme := range []address.Scheme{address.TCP, address.TLS, address.WS, address.WSS} {
		t.Run(string(scheme), func(t *testing.T) {
			begun, over := make(chan struct{}), make(chan struct{})
			play := func(c net.Conn) {
				io.WriteString(c, "YMQ\x02"+message("scheduler"))
				io.ReadFull(c, make([]byte, 4+len(message(string(me.Identity)))+1)) // the last is of the message
				close(begun)
				<-over
			}
			if scheme == address.WS || scheme == address.WSS {
				play = overWebSocket(play)
			}
			if scheme == address.TLS || scheme == address.WSS {
				play = overTLS(certificate, play)
			}
			c, err := Dial(context.Background(), as(scheme, serve(t, play)), me)
			if err != nil {
				t.Fatal(err)
			}
			sent := make(chan error, 1)
			go func() { sent <- c.Send(make([]byte, 32<<20)) }()
			<-begun
			c.Close()
			if err := <-sent; !errors.Is(err, net.ErrClosed) {
				t.Errorf("got %v, want net.ErrClosed", err)
			}
			close(over)
		})
	}
}
