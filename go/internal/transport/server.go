package transport

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/transport/zmq"
)

// The other servers of a cluster take the ports after the scheduler's unless they are told otherwise (1.26.0 to 2.9.0).
const (
	storageOffset = 1
	monitorOffset = 2
)

// storageIdentity is the YMQ identity of an object storage server (1.26.6 to 2.9.0). A scheduler's is "pid|name|UUID".
const storageIdentity = "ObjectStorageServer"

// checkPeer returns an error if a YMQ identity is that of an object storage server.
func checkPeer(to address.Address, peer []byte) error {
	if string(peer) == storageIdentity {
		return wrongServer(to, "Scaler's object storage server", storageOffset)
	}
	return nil
}

// checkStorage returns an error if what answers is not an object storage server.
func checkStorage(_ address.Address, peer []byte) error {
	if string(peer) == storageIdentity {
		return nil
	}
	return fmt.Errorf("%w: it says that it is %q", ErrNotStorage, peer)
}

// MonitorError says that what answers is the socket on which a scheduler publishes its state. With ZMQ that is a PUB
// socket; with YMQ (2.3.0 to 2.9.0) it has the scheduler's own identity, and only what it sends tells.
func MonitorError(to address.Address) error {
	return wrongServer(to, "the monitor port of a Scaler scheduler", monitorOffset)
}

// checkMonitor returns an error if a YMQ identity is not that of the scheduler whose monitor port it should be. A PUB
// socket has no identity, and is used for nothing else.
func checkMonitor(_ address.Address, found, scheduler []byte) error {
	if found == nil || bytes.Equal(found, scheduler) {
		return nil
	}
	return fmt.Errorf("%w: it says that it is %q, and the scheduler that it is %q", ErrNotMonitor, found, scheduler)
}

// checkSocket replaces the error about a ZMQ peer that publishes.
func checkSocket(to address.Address, err error) error {
	if errors.Is(err, zmq.ErrPublisher) {
		return MonitorError(to)
	}
	return err
}

func wrongServer(to address.Address, server string, offset int) error {
	return &WrongServerError{Server: server, SchedulerPort: max(0, to.Port-offset)}
}
