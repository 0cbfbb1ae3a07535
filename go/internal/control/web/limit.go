package web

import (
	"container/list"
	"net"
	"sync"
)

// limitListener is a listener with a maximum number of open connections. A further one closes the oldest: if it waited instead,
// silent clients could block a liveness probe and so have a healthy manager restarted.
type limitListener struct {
	net.Listener
	most int

	mu   sync.Mutex // guards below
	open *list.List // of net.Conn, oldest first
}

func newLimitListener(inner net.Listener, most int) *limitListener {
	return &limitListener{Listener: inner, most: most, open: list.New()}
}

func (l *limitListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open.Len() >= l.most {
		_ = l.open.Remove(l.open.Front()).(net.Conn).Close()
	}
	return &limitedConn{Conn: connection, limit: l, element: l.open.PushBack(connection)}, nil
}

type limitedConn struct {
	net.Conn
	limit   *limitListener
	element *list.Element
}

func (c *limitedConn) Close() error {
	c.limit.mu.Lock()
	c.limit.open.Remove(c.element) // no-op if it was removed already
	c.limit.mu.Unlock()
	return c.Conn.Close()
}
