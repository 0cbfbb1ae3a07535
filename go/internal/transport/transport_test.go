package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"math/big"
	"net"
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/security/null"
	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs a server on a free loopback port until the test ends. play handles each connection.
func serve(t *testing.T, play func(net.Conn)) address.Address {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serveOn(t, listener, play)
}

func serveOn(t *testing.T, listener net.Listener, play func(net.Conn)) address.Address {
	t.Helper()
	ended, end := context.WithCancel(context.Background())
	var playing sync.WaitGroup
	playing.Add(1)
	go func() {
		defer playing.Done()
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			playing.Add(1)
			go func() {
				defer playing.Done()
				defer context.AfterFunc(ended, func() { c.Close() })()
				defer c.Close()
				play(c)
			}()
		}
	}()
	t.Cleanup(func() { listener.Close(); end(); playing.Wait() })
	if port, ok := listener.Addr().(*net.TCPAddr); ok {
		return address.Address{Scheme: address.TCP, Host: "127.0.0.1", Port: port.Port}
	}
	return address.Address{Scheme: address.IPC, Path: listener.Addr().String()}
}

// say returns a server that sends words and then only reads.
func say(words string) func(net.Conn) {
	return func(c net.Conn) {
		io.WriteString(c, words)
		io.Copy(io.Discard, c)
	}
}

func message(payload string) string {
	return string(binary.LittleEndian.AppendUint64(nil, uint64(len(payload)))) + payload
}

// echo returns a YMQ server that sends back whatever follows the client's magic and identity.
func echo(magic, identity string) func(net.Conn) {
	return func(c net.Conn) {
		io.WriteString(c, magic)
		io.WriteString(c, message("scheduler")) // a WebSocket message of its own, like Scaler 2.9.0
		if _, err := io.CopyN(io.Discard, c, int64(len(magic+message(identity)))); err == nil {
			io.Copy(struct{ io.Writer }{c}, c)
		}
	}
}

// echoZMQ is a ZMQ server that sends back each message.
func echoZMQ(c net.Conn) {
	peer, err := zmq4.Open(c, null.Security(), zmq4.Router, nil, true, nil)
	for err == nil {
		var got zmq4.Msg
		if got, err = peer.RecvMsg(); err == nil {
			err = peer.SendMsg(got)
		}
	}
}

// overWebSocket runs play over a WebSocket.
func overWebSocket(play func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		done := make(chan struct{})
		server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(done)
			if socket, err := websocket.Accept(w, r, nil); err == nil {
				play(websocket.NetConn(context.Background(), socket, websocket.MessageBinary))
				socket.CloseNow()
			}
		})}
		defer server.Close()
		go server.Serve(&once{conn: c})
		<-done
	}
}

// once is a listener that accepts one connection.
type once struct {
	conn net.Conn
	used bool
}

func (o *once) Accept() (net.Conn, error) {
	if o.used {
		return nil, net.ErrClosed
	}
	o.used = true
	return o.conn, nil
}
func (o *once) Close() error   { return nil }
func (o *once) Addr() net.Addr { return o.conn.LocalAddr() }

func overTLS(certificate tls.Certificate, play func(net.Conn)) func(net.Conn) {
	return func(c net.Conn) {
		secured := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate}})
		if secured.Handshake() == nil {
			play(secured)
			secured.Close()
		}
	}
}

// selfSigned makes a certificate for 127.0.0.1 and the pool that trusts it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, pool
}

// as returns the address with another scheme.
func as(scheme address.Scheme, a address.Address) address.Address {
	again, err := address.Parse(string(scheme) + "://" + a.Host + ":" + strconv.Itoa(a.Port))
	if err != nil {
		panic(err)
	}
	return again
}
