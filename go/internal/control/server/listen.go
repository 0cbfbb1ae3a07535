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

// maxConnections is the number of connections served at a time. Further ones wait in the backlog of the socket.
const maxConnections = 64

// maxFollowers is the number of clients that may follow events at a time, each on a connection. Without a limit of
// their own, forgotten ones would keep out those who want to stop the manager.
const maxFollowers = maxConnections / 2

// Listen makes a control socket at path that only its owner can open. It replaces a socket that nobody listens on.
func Listen(path string) (net.Listener, error) {
	if err := removeStale(path); err != nil {
		return nil, err
	}
	// With a chmod after bind, others could connect in between. The umask is that of the process, so that no other
	// goroutine may create files now: at startup, none does.
	before := syscall.Umask(0o177)
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	syscall.Umask(before)
	if err != nil {
		return nil, err
	}
	return &ownerListener{
		UnixListener: listener, slots: make(chan struct{}, maxConnections), closed: make(chan struct{}),
	}, nil
}

// removeStale removes a socket that a killed manager left behind.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode()&fs.ModeSocket == 0 {
		return fmt.Errorf("%s exists and is not a socket", path)
	}
	if connection, err := net.DialTimeout("unix", path, time.Second); err == nil {
		connection.Close()
		return fmt.Errorf("another program listens on %s", path)
	} else if !errors.Is(err, syscall.ECONNREFUSED) {
		return err
	}
	return os.Remove(path)
}

// ownerListener accepts connections of the process's user and of root, maxConnections at a time.
type ownerListener struct {
	*net.UnixListener
	slots  chan struct{}
	once   sync.Once
	closed chan struct{}
}

func (g *ownerListener) Close() error {
	g.once.Do(func() { close(g.closed) })
	return g.UnixListener.Close()
}

func (g *ownerListener) Accept() (net.Conn, error) {
	for {
		connection, err := g.AcceptUnix()
		if err != nil {
			return nil, err
		}
		if known, err := peer.Of(connection); err != nil || known.UID != 0 && known.UID != os.Geteuid() {
			connection.Close() // for file systems that ignore the mode of the socket
			continue
		}
		select {
		case g.slots <- struct{}{}:
			return &slotConn{Conn: connection, release: sync.OnceFunc(func() { <-g.slots })}, nil
		case <-g.closed:
			connection.Close()
			return nil, net.ErrClosed
		}
	}
}

type slotConn struct {
	net.Conn
	release func()
}

func (p *slotConn) Close() error {
	p.release()
	return p.Conn.Close()
}
