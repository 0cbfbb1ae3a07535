// Package mailbox is a queue that never blocks its senders. Its owner takes all items at once.
package mailbox

import "sync"

// Box is a queue with one owner. It has no limit of its own.
type Box[T any] struct {
	mu    sync.Mutex // guards items
	items []T
	wake  chan struct{} // there are items; capacity 1
}

// New returns an empty Box.
func New[T any]() *Box[T] { return &Box[T]{wake: make(chan struct{}, 1)} }

// Put adds an item. It is safe for any goroutine and does not block.
func (b *Box[T]) Put(item T) {
	b.mu.Lock()
	b.items = append(b.items, item)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Ready receives when there are items.
func (b *Box[T]) Ready() <-chan struct{} { return b.wake }

// Take removes and returns all items, oldest first.
func (b *Box[T]) Take() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	items := b.items
	b.items = nil
	return items
}
