package storage

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/transport"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/ymq"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var id = protocol.ObjectID([]byte("0123456789abcdefghijklmnopqrstuv"))

// response is a server's answer, laid out as in 1.26.6 and 2.9.0.
func response(kind uint64, request uint64, object protocol.ObjectID) []byte {
	words := []uint64{9 << 32, 3<<32 | 1<<48, 0, request, kind, 4 << 32}
	for i := 0; i < len(object); i += 8 {
		words = append(words, binary.BigEndian.Uint64(object[i:]))
	}
	var encoded []byte
	for _, word := range words {
		encoded = binary.LittleEndian.AppendUint64(encoded, word)
	}
	return encoded
}

type asked struct{ header, payload []byte }

// serve starts a server with this identity that answers one request, or none if answer is nil.
func serve(t *testing.T, version byte, identity string, answer []byte) (address.Address, <-chan asked) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	requests := make(chan asked, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		raw, err := listener.Accept()
		if err != nil {
			return
		}
		defer raw.Close()
		conn, err := ymq.Accept(stream.New(raw, stream.Options{}), version, []byte(identity), 1<<20)
		if err != nil {
			return
		}
		var got asked
		if got.header, err = conn.Receive(); err != nil {
			return
		}
		if got.payload, err = conn.Receive(); err != nil {
			return
		}
		requests <- got
		if answer != nil {
			_ = conn.Send(answer)
		}
		_, _ = conn.Receive() // until the client closes
	}()
	t.Cleanup(func() { listener.Close(); <-done })
	port := listener.Addr().(*net.TCPAddr).Port
	return address.Address{Scheme: address.TCP, Host: "127.0.0.1", Port: port}, requests
}

func set(at address.Address) error {
	return Set(context.Background(), at, transport.Options{Identity: []byte("me")}, id, []byte("payload"))
}

const server = "ObjectStorageServer"

func TestSet(t *testing.T) {
	for _, version := range []byte{ymq.NoMagic, ymq.First, ymq.Second} {
		at, requests := serve(t, version, server, response(0, requestID, id))
		if err := set(at); err != nil {
			t.Fatal(err)
		}
		got := <-requests
		// The layout of a response; the first word of its struct is the payload length.
		want := response(0, requestID, id)
		binary.LittleEndian.PutUint64(want[16:], uint64(len("payload")))
		if !bytes.Equal(got.header, want) || string(got.payload) != "payload" {
			t.Errorf("version %d: the server got %x and %q\nwant %x", version, got.header, got.payload, want)
		}
	}
}

func TestUnexpectedAnswers(t *testing.T) {
	other := id
	other[31]++
	for name, answer := range map[string][]byte{
		"another kind":    response(3, requestID, id),
		"another request": response(0, requestID+1, id),
		"another object":  response(0, requestID, other),
		"nothing":         {},
		"rubbish":         bytes.Repeat([]byte{0xff}, headerSize),
		"cut":             response(0, requestID, id)[:72],
	} {
		at, _ := serve(t, ymq.Second, server, answer)
		if err := set(at); !errors.Is(err, ErrAnswer) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestNotStorage(t *testing.T) {
	at, _ := serve(t, ymq.Second, "1|scheduler|2", nil)
	if err := set(at); !errors.Is(err, transport.ErrNotStorage) {
		t.Errorf("got %v", err)
	}
}

func TestNoServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()
	if err := set(address.Address{Scheme: address.TCP, Host: "127.0.0.1", Port: port}); err == nil {
		t.Error("no error")
	}
}

// A server that is busy or stopped must not block the caller.
func TestCanceled(t *testing.T) {
	at, requests := serve(t, ymq.Second, server, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	ended := make(chan error, 1)
	go func() { ended <- Set(ctx, at, transport.Options{Identity: []byte("me")}, id, []byte("p")) }()
	<-requests
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestServerEnds(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		raw, err := listener.Accept()
		if err != nil {
			return
		}
		conn, err := ymq.Accept(stream.New(raw, stream.Options{}), ymq.Second, []byte(server), 1<<20)
		if err == nil {
			_, _ = conn.Receive()
			_, _ = conn.Receive()
		}
		raw.Close()
	}()
	port := listener.Addr().(*net.TCPAddr).Port
	if err := set(address.Address{Scheme: address.TCP, Host: "127.0.0.1", Port: port}); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}
