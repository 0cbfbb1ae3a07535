// Package readiness tells which of many sockets have something to be read. One that waits costs the kernel's entry of it,
// and no goroutine, which has a stack of 4 kB, nor a buffer.
package readiness

import "sync"

// wakes are tokens that are to be told as if their sockets were ready.
type wakes struct {
	ready chan struct{} // there may be something to take; one place

	mu     sync.Mutex // guards tokens
	tokens []uint64
}

// Ready receives once there may be something for Take.
func (w *wakes) Ready() <-chan struct{} { return w.ready }

// Wake has Take return a token, whether or not it has a socket. It does not wait, and any goroutine may call it.
func (w *wakes) Wake(token uint64) {
	w.mu.Lock()
	w.tokens = append(w.tokens, token)
	w.mu.Unlock()
	w.signal()
}

func (w *wakes) signal() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func (w *wakes) take() []uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	tokens := w.tokens
	w.tokens = nil
	return tokens
}
