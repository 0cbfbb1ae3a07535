package web

import (
	"container/list"
	"net"
	"sync"
)

// limit is a listener that has a number of connections open at most: one more closes the oldest. Were it to wait instead,
// a hundred clients that say nothing would keep out the probe that has a manager started again when it gets no answer.
type limit struct {
	net.Listener
	most int

	mu   sync.Mutex // guards below
	open *list.List // of net.Conn, the oldest first
}

func newLimit(inner net.Listener, most int) *limit {
	return &limit{Listener: inner, most: most, open: list.New()}
}

func (l *limit) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open.Len() >= l.most {
		_ = l.open.Remove(l.open.Front()).(net.Conn).Close()
	}
	return &limited{Conn: connection, limit: l, place: l.open.PushBack(connection)}, nil
}

type limited struct {
	net.Conn
	limit *limit
	place *list.Element
}

func (c *limited) Close() error {
	c.limit.mu.Lock()
	c.limit.open.Remove(c.place) // nothing, if it is not there any more
	c.limit.mu.Unlock()
	return c.Conn.Close()
}
