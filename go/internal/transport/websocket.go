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
	// maxUpgradeHeader limits the headers of the response, in bytes. Scaler 2.9.0 has the same limit for a request.
	maxUpgradeHeader = 64 << 10

	// maxMessageExtra is the overhead of a WebSocket message over a frame: YMQ's length, or magic and identity (2.9.0).
	maxMessageExtra = 8 << 10
)

// upgrade opens a WebSocket on a connection and returns a stream of the bytes in its binary messages. Like Scaler, it
// requests no subprotocol and no extension. The caller closes inner on an error.
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
				return nil, errors.New("the connection was used already")
			},
			MaxResponseHeaderBytes: maxUpgradeHeader,
			DisableCompression:     true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	//nolint:bodyclose // Dial closes the body, or it is the connection
	socket, response, err := websocket.Dial(ctx, target.String(), &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		// If ctx ended while the transport was connecting, the transport keeps the connection as an idle one and its
		// goroutine waits in guard.Read. It ends once the caller has closed inner.
		guard.release()
		if response != nil {
			return nil, fmt.Errorf("no WebSocket: %w: it answered %q", ErrNotScheduler, response.Status)
		}
		if unexpected := guard.check(); unexpected != nil {
			return nil, fmt.Errorf("no WebSocket: %w", unexpected)
		}
		var request *url.Error // its text repeats the address
		if errors.As(err, &request) {
			err = request.Err
		}
		return nil, fmt.Errorf("WebSocket: %w", err)
	}
	bytes := websocket.NetConn(context.Background(), socket, websocket.MessageBinary)
	socket.SetReadLimit(int64(maxFrame) + maxMessageExtra) // NetConn has removed the limit
	return &webSocket{bytes: bytes, socket: socket}, nil
}

type webSocket struct {
	bytes  net.Conn
	socket *websocket.Conn
}

func (w *webSocket) Write(p []byte) (int, error) { return w.bytes.Write(p) }

func (w *webSocket) Read(p []byte) (int, error) {
	n, err := w.bytes.Read(p)
	// Scaler 2.9.0 sends a CLOSE frame without a status.
	if errors.Is(err, io.EOF) || websocket.CloseStatus(err) == websocket.StatusNoStatusRcvd {
		err = io.EOF
	}
	return n, err
}

// Close sends no CLOSE frame, because the library would wait for the answer. Scaler 2.9.0 treats the end of the
// connection as graceful too.
func (w *webSocket) Close() error { return w.socket.CloseNow() }
