// Package mailbox is a queue that nobody waits to put something into. Its owner takes what is there in one piece.
package mailbox

import "sync"

// Box is the queue of one owner. What bounds it is what its senders have to say.
type Box[T any] struct {
	mu    sync.Mutex // guards items
	items []T
	wake  chan struct{} // there is something; one place
}

// New makes an empty box.
func New[T any]() *Box[T] { return &Box[T]{wake: make(chan struct{}, 1)} }

// Put adds something, from any goroutine.
func (b *Box[T]) Put(item T) {
	b.mu.Lock()
	b.items = append(b.items, item)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Ready receives once there is something to take.
func (b *Box[T]) Ready() <-chan struct{} { return b.wake }

// Take returns all that is there, oldest first.
func (b *Box[T]) Take() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	b.items = nil
	return items
}
