package transport

import (
	"errors"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// Errors that Dial, Probe and the methods of a Conn may match. Others (refused, reset, unknown name, invalid certificate)
// match those of packages net, syscall and crypto/tls.
var (
	// ErrNotScheduler: what answers at the address is not a scheduler.
	ErrNotScheduler = errors.New("not a Scaler scheduler")

	// ErrNotStorage: what answers at the address is not an object storage server.
	ErrNotStorage = errors.New("not a Scaler object storage server")

	// ErrNotMonitor: what answers is not where the scheduler publishes its state.
	ErrNotMonitor = errors.New("not the monitor port of the scheduler")

	// ErrSilent: the handshake did not end within HelloTimeout. TLS and WebSocket schedulers are silent when addressed as
	// tcp.
	ErrSilent = errors.New("no greeting")

	// ErrUnknownYMQ: the scheduler speaks a later version of YMQ.
	ErrUnknownYMQ = errors.New("unknown YMQ version")

	// ErrFrameTooLarge: a message is longer than MaxFrame.
	ErrFrameTooLarge = stream.ErrFrameTooLarge

	// ErrStalled: the scheduler did not read for WriteTimeout; the connection has been closed.
	ErrStalled = stream.ErrStalled

	// ErrMalformed: what the scheduler sent is not valid ZMTP.
	ErrMalformed = zmq.ErrMalformed
)

// WrongServerError: another server of a Scaler cluster answers at the address, so that waiting does not help.
type WrongServerError struct {
	// Server is what answers, as "Scaler's object storage server".
	Server string
	// SchedulerPort is where that server's scheduler usually listens; 0 if the address has no port.
	SchedulerPort int
}

func (e *WrongServerError) Error() string {
	text := "this is " + e.Server + " and not the scheduler"
	if e.SchedulerPort > 0 {
		text += fmt.Sprintf(", which is usually at port %d", e.SchedulerPort)
	}
	return text
}
