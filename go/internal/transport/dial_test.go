package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

var me = Options{Identity: []byte("1|worker_manager_native|x")}

func TestStrangersAndFaults(t *testing.T) {
	certificate, _ := selfSigned(t)
	reset := func(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }
	http := say("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
	tests := []struct {
		name string
		to   address.Address
		want error
		text string
	}{
		{"silent", serve(t, say("")), ErrSilent, "within"},
		{"silent inside a magic", serve(t, say("YM")), ErrSilent, ""},
		{"silent inside a signature", serve(t, say("\xff\x00\x00\x00\x00")), ErrSilent, ""},
		{"silent behind a magic", serve(t, say("YMQ\x02")), ErrSilent, ""},
		{"silent inside an identity", serve(t, say("YMQ\x02"+message("abc")[:9])), ErrSilent, ""},
		{"silent behind a signature", serve(t, say("\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f")), ErrSilent, ""},
		{"silent behind tls", as(address.TLS, serve(t, say(""))), ErrSilent, ""},
		{"silent behind ws", as(address.WS, serve(t, say(""))), ErrSilent, ""},
		{"ssh", serve(t, say("SSH-2.0-OpenSSH_9.2p1\r\n")), ErrNotScheduler, `"SSH-2.0-OpenSSH_"`},
		{"http that speaks first", serve(t, http), ErrNotScheduler, `"HTTP/1.1 404 Not"`},
		{"not quite a magic", serve(t, say("YMCA")), ErrNotScheduler, `"YMCA"`},
		{"not quite a signature", serve(t, say("\xff\x01\x02\x03\x04\x05\x06\x07\x08\x09")), ErrNotScheduler, `"\xff\x01`},
		{"zeros", serve(t, say("\x00\x00\x00\x00\x00\x00\x00\x00")), ErrNotScheduler, `"\x00`},
		{"another YMQ", serve(t, say("YMQ\x03")), ErrUnknownYMQ, "3"},
		{"YMQ where TLS is asked for", as(address.TLS, serve(t, say("YMQ\x02"+message("id")))), ErrNotScheduler, `"YMQ\x02`},
		{"YMQ where WebSocket is asked for", as(address.WS, serve(t, say("YMQ\x02"+message("id")))), ErrNotScheduler,
			`"YMQ\x02`},
		{"http behind ws", as(address.WS, serve(t, http)), ErrNotScheduler, `"404 Not Found"`},
		{"no end of headers behind ws", as(address.WS, serve(t, endlessHeaders)), nil, "header"},
		{"huge identity", serve(t, say("YMQ\x02\xff\xff\xff\xff\x00\x00\x00\x00")), ErrFrameTooLarge, ""},
		{"not a ROUTER", serve(t, say(greetingZMQ+"\x04\x06\x05READY")), ErrMalformed, ""},
		{"closes at once", serve(t, func(net.Conn) {}), io.EOF, "closed the connection"},
		{"closes inside a magic", serve(t, func(c net.Conn) { io.WriteString(c, "YM") }), io.EOF, ""},
		{"resets", serve(t, reset), syscall.ECONNRESET, ""},
		{"refuses", closedPort(t), syscall.ECONNREFUSED, "cannot connect"},
		{"no such socket", address.Address{Scheme: address.IPC, Path: filepath.Join(t.TempDir(), "s")}, syscall.ENOENT, ""},
		{"untrusted", as(address.TLS, serve(t, overTLS(certificate, say("YMQ\x02")))), nil, "certificate"},
		{"untrusted wss", as(address.WSS, serve(t, overTLS(certificate, overWebSocket(say("YMQ\x02"))))), nil, "certificate"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			options := me
			options.HelloTimeout = time.Minute
			if errors.Is(test.want, ErrSilent) {
				options.HelloTimeout = 30 * time.Millisecond
			}
			options.TLS = &tls.Config{RootCAs: x509.NewCertPool()}
			_, err := Dial(context.Background(), test.to, options)
			if err == nil {
				t.Fatal("it was accepted as a scheduler")
			}
			if test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("got %q, want %q", err, test.want)
			}
			text := err.Error()
			if !strings.Contains(text, test.text) || !strings.Contains(text, test.to.String()) || strings.Contains(text, "\n") {
				t.Errorf("got %q, want %q and the address in one line", text, test.text)
			}
		})
	}
}

const greetingZMQ = "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x03\x01NULL" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"

func endlessHeaders(c net.Conn) {
	_, err := io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\n")
	for err == nil {
		_, err = io.WriteString(c, "X: "+strings.Repeat("x", 1000)+"\r\n")
	}
}

func closedPort(t *testing.T) address.Address {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return address.Address{Scheme: address.TCP, Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port}
}

func TestCancel(t *testing.T) {
	for _, scheme := range []address.Scheme{address.TCP, address.TLS, address.WS, address.WSS} {
		t.Run(string(scheme), func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			to := as(scheme, serve(t, func(c net.Conn) { cancel(); io.Copy(io.Discard, c) }))
			if _, err := Dial(ctx, to, me); !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
			if _, err := Dial(ctx, to, me); !errors.Is(err, context.Canceled) {
				t.Errorf("canceled before: got %v, want context.Canceled", err)
			}
		})
	}
}

func TestContextEndsOnlyTheHandshake(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c, err := Dial(ctx, serve(t, echo("YMQ\x02", string(me.Identity))), me)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	cancel()
	if err := c.Send([]byte("x")); err != nil {
		t.Error(err)
	}
	if got, err := c.Receive(); string(got) != "x" || err != nil {
		t.Errorf("received %q, %v", got, err)
	}
}

func TestUntrustedSchedulerSeesNoAlert(t *testing.T) {
	certificate, pool := selfSigned(t)
	for name, config := range map[string]*tls.Config{
		"unknown authority": {RootCAs: x509.NewCertPool()},
		"another name":      {RootCAs: pool, ServerName: "scheduler.example"},
	} {
		t.Run(name, func(t *testing.T) {
			heard := make(chan error, 1)
			to := as(address.TLS, serve(t, overTLS(certificate, func(c net.Conn) {
				io.WriteString(c, "YMQ\x02"+message("scheduler"))
				_, err := c.Read(make([]byte, 1))
				heard <- err
			})))
			_, err := Dial(context.Background(), to, Options{TLS: config})
			var untrusted *tls.CertificateVerificationError
			if !errors.As(err, &untrusted) {
				t.Errorf("got %v, want a certificate error", err)
			}
			if err := <-heard; err != io.EOF {
				t.Errorf("the scheduler heard %v, want a graceful end", err)
			}
		})
	}
}

func TestProbeSaysNothing(t *testing.T) {
	heard := make(chan string, 1)
	to := serve(t, func(c net.Conn) {
		io.WriteString(c, "YMQ\x02"+message("scheduler"))
		got, err := io.ReadAll(c)
		if err != nil {
			got = []byte(err.Error())
		}
		heard <- string(got)
	})
	if _, err := Probe(context.Background(), to, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := <-heard; got != "" {
		t.Errorf("the scheduler heard %q, want a graceful end", got)
	}
}

func TestProtocolString(t *testing.T) {
	for want, protocol := range map[string]Protocol{
		"ZMQ": {ZMQ, 0}, "YMQ 0": {YMQ, 0}, "YMQ 1": {YMQ, 1}, "YMQ 2": {YMQ, 2}, "unknown protocol": {},
	} {
		if got := protocol.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestDialMonitor(t *testing.T) {
	asked := make(chan string, 1)
	publish := func(c net.Conn) {
		peer, err := zmq4.Open(c, null.Security(), zmq4.Pub, nil, true, nil)
		if err != nil {
			return
		}
		if got, err := peer.RecvMsg(); err == nil {
			asked <- string(got.Bytes())
			peer.SendMsg(zmq4.NewMsgString("news"))
			io.Copy(io.Discard, c)
		}
	}
	tests := []struct {
		name string
		to   address.Address
		peer string
		want error
	}{
		{"ZMQ", serve(t, publish), "", nil},
		{"ZMQ beside YMQ", serve(t, publish), "scheduler", nil}, // 1.26 and 1.27
		{"YMQ 2", serve(t, say("YMQ\x02"+message("scheduler")+message("news"))), "scheduler", nil},
		{"another scheduler's", serve(t, say("YMQ\x02"+message("another"))), "scheduler", ErrNotMonitor},
		{"without a name", serve(t, say("YMQ\x02"+message(""))), "scheduler", ErrNotMonitor},
		{"a scheduler by ZMQ", serve(t, echoZMQ), "", ErrMalformed},
		{"ipc", address.Address{Scheme: address.IPC, Path: "s"}, "", ErrNotMonitor},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			scheduler := test.to
			if scheduler.Port > 0 {
				scheduler.Port -= 2
			}
			c, err := DialMonitor(context.Background(), scheduler, []byte(test.peer), me)
			if !errors.Is(err, test.want) {
				t.Fatalf("got %v, want %v", err, test.want)
			}
			if err != nil {
				return
			}
			defer c.Close()
			if got, err := c.Receive(); string(got) != "news" || err != nil {
				t.Errorf("received %q, %v", got, err)
			}
			if c.Protocol().Kind == ZMQ {
				if got := <-asked; got != "\x01" {
					t.Errorf("the publisher was asked for %q", got)
				}
			}
		})
	}
}
