// Package readiness reports which of many sockets are readable. An idle socket needs neither a goroutine, with its
// stack of at least 4 KiB, nor a buffer.
package readiness

import "sync"

// wakes holds tokens that are returned as if their sockets were readable.
type wakes struct {
	ready chan struct{} // Take may return something; capacity 1

	mu     sync.Mutex // guards tokens
	tokens []uint64
}

// Ready receives when Take may return something.
func (w *wakes) Ready() <-chan struct{} { return w.ready }

// Wake has Take return a token, with or without a socket. It does not block and is safe for any goroutine.
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
