package transport

import (
	"bytes"
	"net"
	"sync"
)

// httpGuard prevents net/http from reading before it has sent its request, and from reading anything but HTTP. A tcp
// scheduler that is addressed as ws sends first; net/http would log that, or wait for the end of a line.
type httpGuard struct {
	net.Conn
	released chan struct{} // closed by release
	once     sync.Once     // of released

	mu    sync.Mutex // guards first
	first []byte     // the peer's first bytes, at most quotedBytes
}

func newHTTPGuard(inner net.Conn) *httpGuard {
	return &httpGuard{Conn: inner, released: make(chan struct{})}
}

func (g *httpGuard) Write(b []byte) (int, error) {
	n, err := g.Conn.Write(b)
	g.release()
	return n, err
}

func (g *httpGuard) Close() error {
	g.release()
	return g.Conn.Close()
}

// release lets Read proceed.
func (g *httpGuard) release() { g.once.Do(func() { close(g.released) }) }

func (g *httpGuard) Read(b []byte) (int, error) {
	<-g.released
	n, err := g.Conn.Read(b)
	g.mu.Lock()
	g.first = append(g.first, b[:min(n, quotedBytes-len(g.first))]...)
	g.mu.Unlock()
	if unexpected := g.check(); unexpected != nil {
		return 0, unexpected
	}
	return n, err
}

// check returns an error if the peer's first bytes are not HTTP.
func (g *httpGuard) check() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	const start = "HTTP/"
	if !bytes.HasPrefix(g.first, []byte(start[:min(len(start), len(g.first))])) {
		return unexpectedPeer(g.first)
	}
	return nil
}
