// Package processors is the unix socket to which the processors of a manager's workers connect, as they do to the agent
// that Scaler starts for each worker.
package processors

import (
	"fmt"
	"net"
	"os"

	"github.com/scaler-native/scaler-native/go/internal/transport"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// mode keeps other users out: a processor runs whatever task it is sent.
const mode = 0o600

// Listener accepts processors. One serves all workers of a manager: Peer.Pid tells whose processor it is.
type Listener struct {
	socket   *net.UnixListener
	spoken   transport.Protocol
	identity []byte
}

// Listen makes the socket, in a folder that only the caller's user may enter: the socket gets its mode a moment after
// it is made. spoken is what the processors of the release speak, and identity what YMQ tells them.
func Listen(path string, spoken transport.Protocol, identity []byte) (*Listener, error) {
	if spoken.Kind != transport.ZMQ && spoken.Kind != transport.YMQ {
		return nil, fmt.Errorf("cannot listen at %s: %s", path, spoken)
	}
	// The kernel's queue is as long as it allows: hundreds of processors start at once.
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("cannot listen for processors: %w", err)
	}
	if err := os.Chmod(path, mode); err != nil {
		_ = socket.Close()
		return nil, fmt.Errorf("cannot listen for processors: %w", err)
	}
	return &Listener{socket: socket, spoken: spoken, identity: identity}, nil
}

// Accept waits for a connection, which is still to be opened. After Close its error matches net.ErrClosed.
func (l *Listener) Accept() (*Peer, error) {
	connection, err := l.socket.AcceptUnix()
	if err != nil {
		return nil, fmt.Errorf("cannot accept a processor: %w", err)
	}
	return &Peer{
		raw:      connection,
		stream:   stream.NewWith(connection, stream.Options{Buffer: stream.SmallBuffer, Patient: true}),
		pid:      peerPid(connection),
		spoken:   l.spoken,
		identity: l.identity,
	}, nil
}

// Close ends Accept and removes the socket. Accepted connections stay.
func (l *Listener) Close() error { return l.socket.Close() }
