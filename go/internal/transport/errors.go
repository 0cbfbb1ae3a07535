package transport

import (
	"errors"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// What Dial, Probe and a Conn's methods return can be matched with these. Everything else (refused, reset, unknown
// name, a certificate that does not verify) matches what package net and crypto/tls return.
var (
	// ErrNotScheduler: something else than a scheduler answers at the address.
	ErrNotScheduler = errors.New("not a Scaler scheduler")

	// ErrSilent: connected, but the handshake did not end within HelloTimeout. TLS and WebSocket schedulers are silent
	// when they are addressed as tcp.
	ErrSilent = errors.New("no greeting")

	// ErrUnknownYMQ: a scheduler of a release that changed YMQ.
	ErrUnknownYMQ = errors.New("unknown YMQ version")

	// ErrFrameTooLarge: a message is longer than MaxFrame.
	ErrFrameTooLarge = stream.ErrFrameTooLarge

	// ErrStalled: the scheduler did not read for WriteTimeout; the connection has been closed.
	ErrStalled = stream.ErrStalled

	// ErrMalformed: the scheduler broke the rules of its message transport.
	ErrMalformed = zmq.ErrMalformed
)
