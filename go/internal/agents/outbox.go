package agents

import "sync"

// outbox sends frames over a connection, in order, and never has its owner wait. While there is no connection it keeps
// them. A goroutine writes what the kernel does not take at once.
type outbox struct {
	limit int // in bytes
	low   int // of these: with as many there is room for any frame

	mu      sync.Mutex // guards below
	frames  [][]byte
	bytes   int
	clears  int           // how often what waited was dropped
	to      sender        // nil while there is no connection
	writing bool          // there is such a goroutine
	empty   chan struct{} // closed when all is sent or the connection is lost; nil when nobody waits for that
	waits   []func()      // called when there is room again
	stopped chan struct{} // closed when nothing is being sent any more; nil when nobody waits for that
}

// sender is the sending side of a connection: see transport.Conn.
type sender interface {
	SendSome(frames [][]byte) (n int, finish func() error, err error)
}

// put queues a frame until flush, and returns false when there is no room for it.
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

// flush sends what is queued, what came since the last time in one write.
func (o *outbox) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.write()
}

// hasRoom says whether there is room for any frame. If not, again is called once there is, by anyone: it must not wait.
func (o *outbox) hasRoom(again func()) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes <= o.low {
		return true
	}
	o.waits = append(o.waits, again)
	return false
}

// took takes note of bytes that are gone, with mu held.
func (o *outbox) took(bytes int) {
	o.bytes -= bytes
	if o.bytes <= o.low {
		for _, again := range o.waits {
			again()
		}
		o.waits = nil
	}
}

// attach has frames go to a connection from now on, nil being none.
func (o *outbox) attach(to sender) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = to
	o.write()
}

// detach has nothing more be sent. What it returns is closed when nothing is being sent, and nil if nothing is: the
// connection has to be closed before.
func (o *outbox) detach() (stopped <-chan struct{}) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = nil
	o.settled()
	if !o.writing {
		return nil
	}
	o.stopped = make(chan struct{})
	return o.stopped
}

// waiting is how many frames are not sent.
func (o *outbox) waiting() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.frames)
}

// clear drops what is not sent.
func (o *outbox) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.frames = nil
	o.took(o.bytes)
	o.clears++
}

// flushed is closed once all that was put is sent, or cannot be.
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

func (o *outbox) settled() {
	if o.empty != nil {
		close(o.empty)
		o.empty = nil
	}
}

// write sends what it can without waiting, with mu held.
func (o *outbox) write() {
	for !o.writing && o.to != nil && len(o.frames) > 0 {
		n, finish, err := o.to.SendSome(o.frames)
		switch {
		case err != nil:
			o.to = nil // its reader finds it broken too; the frames are kept for the next one
		case finish == nil:
			o.sent(n)
		default:
			o.writing = true
			go o.finish(o.to, n, o.clears, finish)
		}
	}
	if o.to == nil || len(o.frames) == 0 {
		o.settled()
	}
}

// finish waits until n frames are sent, which are the first unless what waited was dropped since.
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

// sent lets go of the first n frames, with mu held.
func (o *outbox) sent(n int) {
	bytes := 0
	for i, frame := range o.frames[:n] {
		bytes += len(frame)
		o.frames[i] = nil
	}
	o.frames = o.frames[n:]
	o.took(bytes)
}
