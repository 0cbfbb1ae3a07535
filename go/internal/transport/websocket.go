package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"

	"github.com/coder/websocket"

	"github.com/scaler-native/scaler-native/go/internal/address"
)

const (
	// maxUpgrade bounds the answer's headers, in bytes; it is what Scaler 2.9.0 allows for a request.
	maxUpgrade = 64 << 10

	// maxMessageExtra is what a WebSocket message of 2.9.0 holds beyond a frame: YMQ's length, or magic and identity.
	maxMessageExtra = 8 << 10
)

// upgrade opens a WebSocket on a connection, TLS or not, and returns a stream of the bytes in its binary messages. Like
// Scaler's own, the request names no subprotocol and no extension.
func upgrade(ctx context.Context, inner net.Conn, to address.Address, maxFrame int) (io.ReadWriteCloser, error) {
	_, host := to.Endpoint()
	target, err := url.Parse("ws://" + host + to.Path)
	if err != nil {
		return nil, err
	}
	guard := newHTTPGuard(inner)
	unused := make(chan net.Conn, 1)
	unused <- guard
	close(unused)
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) {
				if unused := <-unused; unused != nil {
					return unused, nil
				}
				return nil, errors.New("the connection is used up")
			},
			MaxResponseHeaderBytes: maxUpgrade,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	socket, response, err := websocket.Dial(ctx, target.String(), &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		if response != nil {
			return nil, fmt.Errorf("no WebSocket: %w: it answers %q", ErrNotScheduler, response.Status)
		}
		if unexpected := guard.check(); unexpected != nil {
			return nil, fmt.Errorf("no WebSocket: %w", unexpected)
		}
		var request *url.Error // whose text would repeat the address
		if errors.As(err, &request) {
			err = request.Err
		}
		return nil, fmt.Errorf("WebSocket: %w", err)
	}
	bytes := websocket.NetConn(context.Background(), socket, websocket.MessageBinary)
	socket.SetReadLimit(int64(maxFrame) + maxMessageExtra) // NetConn had lifted it
	return &webSocket{bytes: bytes, socket: socket}, nil
}

type webSocket struct {
	bytes  net.Conn
	socket *websocket.Conn
}

func (w *webSocket) Write(p []byte) (int, error) { return w.bytes.Write(p) }

func (w *webSocket) Read(p []byte) (int, error) {
	n, err := w.bytes.Read(p)
	// Scaler 2.9.0 ends a connection with a CLOSE that has no status.
	if errors.Is(err, io.EOF) || websocket.CloseStatus(err) == websocket.StatusNoStatusRcvd {
		err = io.EOF
	}
	return n, err
}

// Close sends no CLOSE frame, because the library would wait for the answer. Scaler 2.9.0 treats the end of the connection
// as just as graceful.
func (w *webSocket) Close() error { return w.socket.CloseNow() }
