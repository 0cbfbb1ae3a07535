package processors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

var spoken = []transport.Protocol{
	{Kind: transport.ZMQ}, {Kind: transport.YMQ}, {Kind: transport.YMQ, Version: 1}, {Kind: transport.YMQ, Version: 2},
}

// eachProtocol runs a test with a listener of each protocol.
func eachProtocol(t *testing.T, test func(t *testing.T, listener *Listener, path string)) {
	for _, protocol := range spoken {
		t.Run(protocol.String(), func(t *testing.T) {
			listener, path := listen(t, protocol)
			test(t, listener, path)
		})
	}
}

func listen(t *testing.T, protocol transport.Protocol) (*Listener, string) {
	t.Helper()
	folder, err := os.MkdirTemp("", "sn") // the path of t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	path := filepath.Join(folder, "agents")
	listener, err := Listen(path, protocol, []byte("agents"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener, path
}

// dial connects as a processor does: as a DEALER, or as the client of YMQ.
func dial(path, identity string) (transport.Conn, error) {
	to := address.Address{Scheme: address.IPC, Path: path}
	return transport.Dial(context.Background(), to, transport.Options{Identity: []byte(identity)})
}

// accept accepts a connection that is made concurrently.
func accept(t *testing.T, listener *Listener) *Peer {
	t.Helper()
	peer, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { peer.Close() })
	return peer
}

// connected returns both ends of a connection after its handshake.
func connected(t *testing.T, listener *Listener, path string) (*Peer, transport.Conn) {
	t.Helper()
	type dialed struct {
		conn transport.Conn
		err  error
	}
	far := make(chan dialed, 1)
	go func() { conn, err := dial(path, "processor"); far <- dialed{conn, err} }()
	peer := accept(t, listener)
	opening := peer.Open(patience)
	got := <-far
	if opening != nil || got.err != nil {
		t.Fatalf("%v, and the processor: %v", opening, got.err)
	}
	t.Cleanup(func() { got.conn.Close() })
	return peer, got.conn
}

func TestMessages(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789"), 1<<20)
	eachProtocol(t, func(t *testing.T, listener *Listener, path string) {
		peer, processor := connected(t, listener, path)
		if peer.Pid() != os.Getpid() {
			t.Errorf("the peer is %d, want %d", peer.Pid(), os.Getpid())
		}
		for _, frame := range [][]byte{[]byte("one"), {}, bytes.Repeat([]byte("x"), 300), large} {
			sent := make(chan error, 1)
			go func() { sent <- processor.Send(frame) }()
			got, err := peer.Receive()
			if err != nil || !bytes.Equal(got, frame) || <-sent != nil {
				t.Fatalf("received %d bytes of %d, %v", len(got), len(frame), err)
			}
			go func() { sent <- peer.Send(frame) }()
			if got, err = processor.Receive(); err != nil || !bytes.Equal(got, frame) || <-sent != nil {
				t.Fatalf("the processor received %d bytes of %d, %v", len(got), len(frame), err)
			}
		}
		processor.Close()
		if got, err := peer.Receive(); !errors.Is(err, io.EOF) {
			t.Errorf("after the processor's end: %q, %v", got, err)
		}
	})
}

func TestReceiveSome(t *testing.T) {
	eachProtocol(t, func(t *testing.T, listener *Listener, path string) {
		peer, processor := connected(t, listener, path)
		ended := make(chan struct{})
		if peer.Socket(func() { close(ended) }) == nil {
			t.Fatal("there is no socket")
		}
		for _, want := range []string{"one", "", strings.Repeat("x", 300)} {
			if err := processor.Send([]byte(want)); err != nil {
				t.Fatal(err)
			}
			err := peer.ReceiveSome(make([]byte, 1<<10), func(frame []byte) bool {
				if string(frame) != want {
					t.Errorf("got %q", frame)
				}
				want = "taken"
				return true
			})
			if err != nil || want != "taken" { // data sent over a unix socket arrives at once
				t.Fatalf("%q, %v", want, err)
			}
		}
		peer.Close()
		<-ended
		if err := peer.ReceiveSome(make([]byte, 1<<10), nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	const processors = 100
	eachProtocol(t, func(t *testing.T, listener *Listener, path string) {
		var group sync.WaitGroup
		for i := range processors {
			group.Add(2)
			go func() {
				defer group.Done()
				conn, err := dial(path, fmt.Sprint("processor", i))
				if err != nil {
					t.Error(err)
					return
				}
				defer conn.Close()
				want := fmt.Sprint("message ", i)
				if err := conn.Send([]byte(want)); err != nil {
					t.Error(err)
				} else if got, err := conn.Receive(); string(got) != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
				}
			}()
			peer := accept(t, listener)
			go func() {
				defer group.Done()
				if err := peer.Open(patience); err != nil {
					t.Error(err)
				} else if frame, err := peer.Receive(); err != nil {
					t.Error(err)
				} else if err := peer.Send(frame); err != nil {
					t.Error(err)
				}
			}()
		}
		group.Wait()
	})
}

func TestSocket(t *testing.T) {
	listener, path := listen(t, spoken[0])
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != mode {
		t.Errorf("got %v, %v", info.Mode(), err)
	}
	ended := make(chan error, 1)
	go func() { _, err := listener.Accept(); ended <- err }()
	if err := listener.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket is still there: %v", err)
	}
}

func TestListenFaults(t *testing.T) {
	_, path := listen(t, spoken[0])
	for _, fault := range []struct {
		path     string
		protocol transport.Protocol
	}{{path, spoken[0]}, {path + "/below", spoken[0]}, {path + "2", transport.Protocol{}}} {
		if listener, err := Listen(fault.path, fault.protocol, nil); err == nil {
			listener.Close()
			t.Errorf("no error at %s of %s", fault.path, fault.protocol)
		}
	}
}
