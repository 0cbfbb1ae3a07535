package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
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

// dress puts TLS and WebSocket around the connection, as the scheme demands. The caller closes raw on an error.
func dress(ctx context.Context, raw net.Conn, to address.Address, options Options) (*stream.Stream, error) {
	inner := raw
	if to.Secure() {
		var err error
		if inner, err = secure(ctx, raw, to, options.TLS); err != nil {
			return nil, err
		}
	}
	if to.WebSocket() {
		upgraded, err := upgrade(ctx, inner, to, options.MaxFrame)
		if err != nil {
			return nil, err
		}
		return stream.New(upgraded), nil
	}
	return stream.New(inner), nil
}

func secure(ctx context.Context, inner net.Conn, to address.Address, config *tls.Config) (net.Conn, error) {
	if config == nil {
		config = &tls.Config{InsecureSkipVerify: true} // as Scaler 2.9.0, which has no way to name an authority
	}
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName = to.Hostname()
	}
	secured := tls.Client(inner, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		var record tls.RecordHeaderError
		if errors.As(err, &record) {
			return nil, fmt.Errorf("no TLS: %w", stranger(record.RecordHeader[:]))
		}
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return secured, nil
}
