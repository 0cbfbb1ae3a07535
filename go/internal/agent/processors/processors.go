// Package processors listens on the unix socket to which processors connect. Scaler's own workers have an agent process
// each that does so; here one socket serves all workers of a manager.
package processors

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/peer"
	"github.com/scaler-native/scaler-native/go/internal/transport"
	"github.com/scaler-native/scaler-native/go/internal/transport/stream"
)

// mode keeps other users out: a processor runs any task that it is sent.
const mode = 0o600

// Listener accepts connections of processors. Peer.Pid shows which worker a processor belongs to.
type Listener struct {
	socket   *net.UnixListener
	path     string
	once     sync.Once
	spoken   transport.Protocol
	identity []byte
}

// Listen creates the socket. It is bound under another name and renamed once it listens and has its mode, so that a
// refused connection at path means that its process has exited. spoken is the protocol of the release's processors, and
// identity is what YMQ tells them.
func Listen(path string, spoken transport.Protocol, identity []byte) (*Listener, error) {
	if spoken.Kind != transport.ZMQ && spoken.Kind != transport.YMQ {
		return nil, fmt.Errorf("cannot listen at %s: %s", path, spoken)
	}
	// The kernel uses the largest backlog that it allows: hundreds of processors start at the same time.
	if _, err := os.Lstat(path); err == nil {
		return nil, fmt.Errorf("cannot listen for processors: %s exists", path)
	}
	early := path + "~"
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: early, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("cannot listen for processors: %w", err)
	}
	socket.SetUnlinkOnClose(false) // it would remove the early name
	if err = os.Chmod(early, mode); err == nil {
		err = os.Rename(early, path)
	}
	if err != nil {
		_ = socket.Close()
		_ = os.Remove(early)
		return nil, fmt.Errorf("cannot listen for processors: %w", err)
	}
	return &Listener{socket: socket, path: path, spoken: spoken, identity: identity}, nil
}

// Sweep removes sockets of Listen whose processes have exited without Close, for example by SIGKILL: those of this user
// at paths that match pattern (see filepath.Match) and that refuse connections.
func Sweep(pattern string) {
	paths, _ := filepath.Glob(pattern)
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || info.Mode().Type() != os.ModeSocket || !ours(info) {
			continue
		}
		connection, err := net.DialTimeout("unix", path, sweepTime)
		if err == nil {
			connection.Close()
			continue
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			os.Remove(path)
		}
	}
}

// sweepTime limits the check of one socket.
const sweepTime = time.Second

func ours(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// Accept waits for a connection, on which Open has to be called. After Close the error matches net.ErrClosed.
func (l *Listener) Accept() (*Peer, error) {
	connection, err := l.socket.AcceptUnix()
	if err != nil {
		return nil, fmt.Errorf("cannot accept a processor: %w", err)
	}
	known, _ := peer.Of(connection) // on an error the pid is 0, for an unknown process
	return &Peer{
		raw:      connection,
		stream:   stream.New(connection, stream.Options{Buffer: stream.SmallBuffer, NoWriteTimeout: true}),
		pid:      known.Pid,
		spoken:   l.spoken,
		identity: l.identity,
	}, nil
}

// Close unblocks Accept and removes the socket. It does not close accepted connections.
func (l *Listener) Close() error {
	l.once.Do(func() { os.Remove(l.path) }) // later, another process may use the path
	return l.socket.Close()
}
