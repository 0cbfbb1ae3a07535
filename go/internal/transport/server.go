package transport

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// By default, the other servers of a cluster use the ports after the scheduler's (1.26.0 to 2.9.0).
const (
	storageOffset = 1
	monitorOffset = 2
)

// storageIdentity is the YMQ identity of an object storage server (1.26.6 to 2.9.0). A scheduler has "pid|name|UUID".
const storageIdentity = "ObjectStorageServer"

// checkPeer returns an error if a YMQ identity is that of an object storage server.
func checkPeer(to address.Address, peer []byte) error {
	if string(peer) == storageIdentity {
		return wrongServer(to, "Scaler's object storage server", storageOffset)
	}
	return nil
}

// checkStorage returns an error if a YMQ identity is not that of an object storage server.
func checkStorage(_ address.Address, peer []byte) error {
	if string(peer) == storageIdentity {
		return nil
	}
	return fmt.Errorf("%w: its identity is %q", ErrNotStorage, peer)
}

// MonitorError returns the error for an address that is the monitor port of a scheduler. With ZMQ, that is a PUB
// socket. With YMQ (2.3.0 to 2.9.0) it has the scheduler's own identity, so that only its messages tell them apart.
func MonitorError(to address.Address) error {
	return wrongServer(to, "the monitor port of a Scaler scheduler", monitorOffset)
}

// checkMonitor returns an error if a YMQ identity is not that of the scheduler. A PUB socket, which has no identity,
// can only be a monitor port.
func checkMonitor(_ address.Address, found, scheduler []byte) error {
	if found == nil || bytes.Equal(found, scheduler) {
		return nil
	}
	return fmt.Errorf("%w: its identity is %q, that of the scheduler is %q", ErrNotMonitor, found, scheduler)
}

// checkSocket replaces the error about a PUB socket.
func checkSocket(to address.Address, err error) error {
	if errors.Is(err, zmq.ErrPublisher) {
		return MonitorError(to)
	}
	return err
}

func wrongServer(to address.Address, server string, offset int) error {
	return &WrongServerError{Server: server, SchedulerPort: max(0, to.Port-offset)}
}
