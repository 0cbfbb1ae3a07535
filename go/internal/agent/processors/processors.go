// Package processors is the unix socket to which the processors of a manager's workers connect, as they do to the agent
// that Scaler starts for each worker.
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

// mode keeps other users out: a processor runs whatever task it is sent.
const mode = 0o600

// Listener accepts processors. One serves all workers of a manager: Peer.Pid tells whose processor it is.
type Listener struct {
	socket   *net.UnixListener
	path     string
	once     sync.Once
	spoken   transport.Protocol
	identity []byte
}

// Listen makes the socket. It is bound under another name and renamed once it listens and has its mode: whoever finds it at
// path and is refused knows that it is nobody's any more. spoken is what the processors of the release speak, and identity what YMQ tells them.
func Listen(path string, spoken transport.Protocol, identity []byte) (*Listener, error) {
	if spoken.Kind != transport.ZMQ && spoken.Kind != transport.YMQ {
		return nil, fmt.Errorf("cannot listen at %s: %s", path, spoken)
	}
	// The kernel's queue is as long as it allows: hundreds of processors start at once.
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

// Sweep removes sockets that Listen made and whose processes are gone, as after SIGKILL: those of our user at paths of a
// pattern of filepath.Match that refuse connections.
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

// sweepTime is for a look at one socket.
const sweepTime = time.Second

func ours(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}

// Accept waits for a connection, which is still to be opened. After Close its error matches net.ErrClosed.
func (l *Listener) Accept() (*Peer, error) {
	connection, err := l.socket.AcceptUnix()
	if err != nil {
		return nil, fmt.Errorf("cannot accept a processor: %w", err)
	}
	known, _ := peer.Of(connection) // 0 stands for a process that is not known
	return &Peer{
		raw:      connection,
		stream:   stream.New(connection, stream.Options{Buffer: stream.SmallBuffer, NoWriteTimeout: true}),
		pid:      known.Pid,
		spoken:   l.spoken,
		identity: l.identity,
	}, nil
}

// Close ends Accept and removes the socket. Accepted connections stay.
func (l *Listener) Close() error {
	l.once.Do(func() { os.Remove(l.path) }) // later it may be another's
	return l.socket.Close()
}
