package web

import (
	"container/list"
	"net"
	"sync"
)

// limitListener is a listener with a maximum number of open connections. A further one closes the oldest connection of
// the host that has most: if it waited instead, silent clients could block a liveness probe and so have a healthy
// manager restarted.
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
		_ = l.open.Remove(l.victim()).(net.Conn).Close()
	}
	return &limitedConn{Conn: connection, limit: l, element: l.open.PushBack(connection)}, nil
}

// victim returns the oldest connection of a host that has most.
func (l *limitListener) victim() *list.Element {
	counts := map[string]int{}
	for e := l.open.Front(); e != nil; e = e.Next() {
		counts[hostOf(e)]++
	}
	victim := l.open.Front()
	for e := victim.Next(); e != nil; e = e.Next() {
		if counts[hostOf(e)] > counts[hostOf(victim)] {
			victim = e
		}
	}
	return victim
}

func hostOf(e *list.Element) string {
	if remote, ok := e.Value.(net.Conn).RemoteAddr().(*net.TCPAddr); ok {
		return string(remote.IP)
	}
	return ""
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
