package transport

import (
	"bytes"
	"net"
	"sync"
)

// polite is a connection on which net/http hears nothing before it has asked, and then only HTTP. A tcp scheduler that
// is addressed as ws speaks first: net/http would write to the log, or wait for the end of a line.
type polite struct {
	net.Conn
	asked     chan struct{} // closed by the first Write or Close
	closeOnce sync.Once     // of asked

	mu    sync.Mutex // guards first
	first []byte     // what the peer said first, at most shownBytes
}

func newPolite(inner net.Conn) *polite { return &polite{Conn: inner, asked: make(chan struct{})} }

func (p *polite) Write(b []byte) (int, error) {
	n, err := p.Conn.Write(b)
	p.release()
	return n, err
}

func (p *polite) Close() error {
	p.release()
	return p.Conn.Close()
}

func (p *polite) release() { p.closeOnce.Do(func() { close(p.asked) }) }

func (p *polite) Read(b []byte) (int, error) {
	<-p.asked
	n, err := p.Conn.Read(b)
	p.mu.Lock()
	p.first = append(p.first, b[:min(n, shownBytes-len(p.first))]...)
	p.mu.Unlock()
	if other := p.stranger(); other != nil {
		return 0, other
	}
	return n, err
}

// stranger is an error if something else than HTTP was heard.
func (p *polite) stranger() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	const start = "HTTP/"
	if !bytes.HasPrefix(p.first, []byte(start[:min(len(start), len(p.first))])) {
		return stranger(p.first)
	}
	return nil
}
