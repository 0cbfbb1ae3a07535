package web

import (
	"net"
	"sync"
)

// limit is a listener that has a number of connections open at most. Others wait in the kernel's queue: that costs the
// manager nothing, and the timeouts free a place in seconds.
type limit struct {
	net.Listener
	places chan struct{}
	closed chan struct{}
	once   sync.Once // of closed
}

func newLimit(inner net.Listener, count int) *limit {
	return &limit{Listener: inner, places: make(chan struct{}, count), closed: make(chan struct{})}
}

func (l *limit) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	connection, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &limited{Conn: connection, leave: sync.OnceFunc(func() { <-l.places })}, nil
}

func (l *limit) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

type limited struct {
	net.Conn
	leave func()
}

func (c *limited) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
