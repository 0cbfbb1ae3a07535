package transport

import (
	"context"
	"io"
	"net"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// keepAlive finds a dead host or a dropped flow within a minute; Scaler 2.9.0 begins after the same idle time.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}

// connect opens the TCP or Unix connection below everything. Go sets TCP_NODELAY by itself.
func connect(ctx context.Context, to address.Address) (net.Conn, error) {
	dialer := net.Dialer{Timeout: ConnectTimeout, KeepAliveConfig: keepAlive}
	network, target := to.Endpoint()
	raw, err := dialer.DialContext(ctx, network, target)
	if err != nil {
		return nil, err
	}
	return &line{raw}, nil
}

// line is a connection whose Close tells the peer of a graceful end even if bytes of its own are still unread: for
// those the kernel sends a reset, which a YMQ scheduler takes for an abort unless the end came first.
type line struct{ net.Conn }

func (l *line) Close() error {
	if half, ok := l.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	return l.Conn.Close()
}

// dress puts TLS and WebSocket around the connection, as the scheme demands. verify is to be called before anything is
// told to the scheduler. The caller closes raw on an error.
func dress(
	ctx context.Context, raw net.Conn, to address.Address, options Options,
) (s *stream.Stream, verify func() error, err error) {
	var inner io.ReadWriteCloser = raw
	verify = noDoubt
	if to.Secure() {
		if raw, verify, err = secure(ctx, raw, to, options.TLS); err != nil {
			return nil, nil, err
		}
		inner = raw
	}
	if to.WebSocket() {
		if inner, err = upgrade(ctx, raw, to, options.MaxFrame); err != nil {
			return nil, nil, err
		}
	}
	return stream.New(inner), verify, nil
}
