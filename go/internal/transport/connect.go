package transport

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// keepAlive detects a dead host or a dropped flow within a minute. Scaler 2.9.0 has the same idle time.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}

// connect opens the TCP or unix connection. It resolves the name each time: a scheduler may move to another address.
func connect(ctx context.Context, to address.Address) (net.Conn, error) {
	dialer := net.Dialer{Timeout: ConnectTimeout, KeepAliveConfig: keepAlive}
	network, target := to.Endpoint()
	raw, err := dialer.DialContext(ctx, network, target)
	if err != nil {
		return nil, err
	}
	return &gracefulConn{raw}, nil
}

// gracefulConn sends a FIN before it closes. If received bytes are unread, close(2) sends a reset, which a YMQ
// scheduler treats as an abort unless a FIN came first.
type gracefulConn struct{ net.Conn }

func (c *gracefulConn) Close() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
	return c.Conn.Close()
}

// SyscallConn returns the socket, for non-blocking reads and writes.
func (c *gracefulConn) SyscallConn() (syscall.RawConn, error) {
	if socket, ok := c.Conn.(syscall.Conn); ok {
		return socket.SyscallConn()
	}
	return nil, errors.ErrUnsupported
}

// wrap adds TLS and WebSocket as the scheme requires. Call verify, which checks the certificate, before sending
// anything. The caller closes raw on an error.
func wrap(
	ctx context.Context, raw net.Conn, to address.Address, options Options,
) (s *stream.Stream, verify func() error, err error) {
	var inner io.ReadWriteCloser = raw
	verify = noVerify
	if to.Secure() {
		if raw, verify, err = startTLS(ctx, raw, to, options.TLS); err != nil {
			return nil, nil, err
		}
		inner = raw
	}
	if to.WebSocket() {
		if inner, err = upgrade(ctx, raw, to, options.MaxFrame); err != nil {
			return nil, nil, err
		}
	}
	return stream.New(inner, stream.Options{Buffer: options.ReadBuffer}), verify, nil
}
