package agents

import (
	"slices"
	"sync"
)

// outbox is a send queue: it sends frames in order over the current connection, and keeps them while there is none, or
// none that is known to be read. Its methods never block; a goroutine writes what the kernel does not take at once.
type outbox struct {
	limit int // in bytes
	low   int // up to this many bytes any frame is accepted, whatever its size

	mu      sync.Mutex // guards all below
	frames  [][]byte
	bytes   int
	clears  int           // number of calls of clear
	to      sender        // nil while there is no connection
	held    bool          // only the first urgent frames may be sent
	urgent  int           // number of them
	writing bool          // a goroutine is writing
	empty   chan struct{} // closed when all is sent or the connection is lost; nil if nobody waits for it
	waits   []func()      // called when the queue is down to low again
	stopped chan struct{} // closed when the writing goroutine is done; nil if nobody waits for it
}

// sender is the sending side of a connection: see transport.Conn.
type sender interface {
	SendSome(frames [][]byte) (n int, finish func() error, err error)
}

// put queues a frame until flush. It returns false if there is no room.
func (o *outbox) put(frame []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes > o.low && o.bytes+len(frame) > o.limit {
		return false
	}
	o.frames = append(o.frames, frame)
	o.bytes += len(frame)
	return true
}

// putFirst queues a frame before all others. It is sent over a held connection too.
func (o *outbox) putFirst(frame []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.frames = slices.Insert(o.frames, o.urgent, frame)
	o.bytes += len(frame)
	o.urgent++
}

// flush sends all queued frames, in one write if possible.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write()
}

// hasRoom reports whether put accepts any frame. If not, again is called once it does, on any goroutine; it must not
// block.
func (o *outbox) hasRoom(again func()) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes <= o.low {
		return true
	}
	o.waits = append(o.waits, again)
	return false
}

// freed subtracts bytes that have left the queue. The caller holds mu.
func (o *outbox) freed(bytes int) {
	o.bytes -= bytes
	if o.bytes <= o.low {
		for _, again := range o.waits {
			again()
		}
		o.waits = nil
	}
}

// attach sends all further frames over this connection; nil for none.
func (o *outbox) attach(to sender) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = to
	o.write()
}

// hold sets whether only what putFirst has queued is sent.
func (o *outbox) hold(held bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = held
}

// detach stops sending. If a goroutine is still writing, it returns a channel that is closed when that is done, else
// nil. The caller has closed the connection, so that the write fails.
func (o *outbox) detach() (stopped <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = nil
	o.signalEmpty()
	if !o.writing {
		return nil
	}
	o.stopped = make(chan struct{})
	return o.stopped
}

// waiting returns the number of unsent frames.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.frames)
}

// clear drops all unsent frames.
func (o *outbox) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.frames, o.urgent = nil, 0
	o.freed(o.bytes)
	o.clears++
}

// flushed sends the queue, and returns a channel that is closed when all is sent or the connection is lost.
func (o *outbox) flushed() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.empty == nil {
		o.empty = make(chan struct{})
	}
	done := o.empty
	o.write()
	return done
}

func (o *outbox) signalEmpty() {
	if o.empty != nil {
		close(o.empty)
		o.empty = nil
	}
}

// write sends what it can without blocking. The caller holds mu.
func (o *outbox) write() {
	for !o.writing && o.to != nil && len(o.sendable()) > 0 {
		n, finish, err := o.to.SendSome(o.sendable())
		switch {
		case err != nil:
			o.to = nil // the reader notices it, too; the frames are kept for the next connection
		case finish == nil:
			o.sent(n)
		default:
			o.writing = true
			go o.finish(o.to, n, o.clears, finish)
		}
	}
	if o.to == nil || len(o.frames) == 0 {
		o.signalEmpty()
	}
}

func (o *outbox) sendable() [][]byte {
	if o.held {
		return o.frames[:o.urgent]
	}
	return o.frames
}

// finish completes a write of n frames. These are still the first of the queue unless clear was called since.
func (o *outbox) finish(to sender, n, clears int, finish func() error) {
	err := finish()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.writing = false
	if o.stopped != nil {
		close(o.stopped)
		o.stopped = nil
	}
	switch {
	case err == nil && o.clears == clears:
		o.sent(n)
	case err != nil && o.to == to:
		o.to = nil
	}
	o.write()
}

// sent removes the first n frames. The caller holds mu.
func (o *outbox) sent(n int) {
	bytes := 0
	for i, frame := range o.frames[:n] {
		bytes += len(frame)
		o.frames[i] = nil
	}
	o.frames = o.frames[n:]
	o.urgent = max(o.urgent-n, 0)
	o.freed(bytes)
}
