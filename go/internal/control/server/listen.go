package server

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/peer"
)

// maxConnections is how many may be open at a time. Further ones wait in the backlog of the socket.
const maxConnections = 64

// Listen makes a control socket at a path, for its owner alone. One that nobody listens at any more is replaced.
func Listen(path string) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	// The mode is that of the file from the first moment on, so that nobody can connect before a chmod. Other goroutines
	// that make a file just now get less than they asked for, which they do not do at the start.
	before := syscall.Umask(0o177)
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	syscall.Umask(before)
	if err != nil {
		return nil, err
	}
	return &guarded{
		UnixListener: listener, places: make(chan struct{}, maxConnections), closed: make(chan struct{}),
	}, nil
}

// removeStale removes a socket at a path whose manager has ended without doing so.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%s is there, and is no socket", path)
	}
	if connection, err := net.DialTimeout("unix", path, time.Second); err == nil {
		connection.Close()
		return fmt.Errorf("another program listens at %s", path)
	} else if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// guarded accepts connections of its own user and of root, and no more than there are places for.
type guarded struct {
	*net.UnixListener
	places chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (g *guarded) Close() error {
	g.once.Do(func() { close(g.closed) })
	return g.UnixListener.Close()
}

func (g *guarded) Accept() (net.Conn, error) {
	for {
		connection, err := g.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if known, err := peer.Of(connection); err != nil || known.UID != 0 && known.UID != os.Geteuid() {
			connection.Close() // the mode of the file keeps others out; this does where a file system ignores modes
			continue
		}
		select {
		case g.places <- struct{}{}:
			return &placed{Conn: connection, leave: sync.OnceFunc(func() { <-g.places })}, nil
		case <-g.closed:
			connection.Close()
			return nil, net.ErrClosed
		}
	}
}

type placed struct {
	net.Conn
	leave func()
}

func (p *placed) Close() error {
	p.leave()
	return p.Conn.Close()
}
