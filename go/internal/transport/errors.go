package transport

import (
	"errors"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// Errors of Dial, Probe and Conn. Others (refused, reset, unknown name, invalid certificate) match those of packages
// net, syscall and crypto/tls.
var (
	// ErrNotScheduler means that the server at the address is not a scheduler.
	ErrNotScheduler = errors.New("not a Scaler scheduler")

	// ErrNotStorage means that the server at the address is not an object storage server.
	ErrNotStorage = errors.New("not a Scaler object storage server")

	// ErrNotMonitor means that the server at the address is not the monitor port of the scheduler.
	ErrNotMonitor = errors.New("not the monitor port of the scheduler")

	// ErrSilent means that the handshake took longer than HelloTimeout, e.g. because a tls or ws scheduler is addressed
	// as tcp.
	ErrSilent = errors.New("no greeting")

	// ErrUnknownYMQ means that the scheduler speaks a version of YMQ that is newer than this program.
	ErrUnknownYMQ = errors.New("unknown YMQ version")

	// ErrFrameTooLarge means that a message exceeds MaxFrame.
	ErrFrameTooLarge = stream.ErrFrameTooLarge

	// ErrStalled means that the scheduler did not read for WriteTimeout. The connection is closed.
	ErrStalled = stream.ErrStalled

	// ErrMalformed means that the scheduler sent invalid ZMTP.
	ErrMalformed = zmq.ErrMalformed
)

// WrongServerError means that the address is that of another server of a Scaler cluster, so that retrying does not
// help.
type WrongServerError struct {
	Server        string // e.g. "Scaler's object storage server"
	SchedulerPort int    // the default port of that server's scheduler; 0 if the address has no port
}

func (e *WrongServerError) Error() string {
	text := "this is " + e.Server + " and not the scheduler"
	if e.SchedulerPort > 0 {
		text += fmt.Sprintf(", which is usually at port %d", e.SchedulerPort)
	}
	return text
}
