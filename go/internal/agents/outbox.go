package agents

import "sync"

// outbox sends frames over a connection, in order, and never has its owner wait. While there is no connection it keeps
// them. A goroutine writes for as long as there is something to write, so that an idle connection has none.
type outbox struct {
	limit int // in bytes
	low   int // of these: with as many there is room for any frame

	mu      sync.Mutex // guards below
	frames  [][]byte
	bytes   int
	clears  int    // how often what waited was dropped
	to      sender // nil while there is no connection
	writing bool
	empty   chan struct{} // closed when all is sent or the connection is lost; nil when nobody waits for that
	roomy   chan struct{} // closed when there is room again; nil when nobody waits for that
	stopped chan struct{} // closed when nothing is being sent any more; nil when nobody waits for that
}

// sender is the sending side of a connection.
type sender interface{ Send(frame []byte) error }

// put queues a frame, and returns false when there is no room for it.
func (o *outbox) put(frame []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes > o.low && o.bytes+len(frame) > o.limit {
		return false
	}
	o.frames = append(o.frames, frame)
	o.bytes += len(frame)
	o.write()
	return true
}

// room is closed once there is room for any frame; nil when there is.
func (o *outbox) room() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes > o.low && o.roomy == nil {
		o.roomy = make(chan struct{})
	}
	return o.roomy
}

// took takes note of bytes that are gone, with mu held.
func (o *outbox) took(bytes int) {
	o.bytes -= bytes
	if o.roomy != nil && o.bytes <= o.low {
		close(o.roomy)
		o.roomy = nil
	}
}

// attach has frames go to a connection from now on, nil being none.
func (o *outbox) attach(to sender) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.to = to
	if to == nil {
		o.settled()
	}
	o.write()
}

// detach has nothing more be sent, and returns when nothing is being sent: the connection has to be closed before.
func (o *outbox) detach() {
	o.mu.Lock()
	o.to = nil
	o.settled()
	var stopped chan struct{}
	if o.writing {
		stopped = make(chan struct{})
		o.stopped = stopped
	}
	o.mu.Unlock()
	if stopped != nil {
		<-stopped
	}
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
	if o.to == nil || !o.writing && len(o.frames) == 0 {
		o.settled()
	}
	return done
}

func (o *outbox) settled() {
	if o.empty != nil {
		close(o.empty)
		o.empty = nil
	}
}

// write begins to write, with mu held.
func (o *outbox) write() {
	if o.writing || o.to == nil || len(o.frames) == 0 {
		return
	}
	o.writing = true
	go o.run(o.to)
}

func (o *outbox) run(to sender) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer o.write() // with what there is for another connection
	defer func() {
		o.writing = false
		if o.stopped != nil {
			close(o.stopped)
			o.stopped = nil
		}
	}()
	for o.to == to && len(o.frames) > 0 {
		frame, clears := o.frames[0], o.clears
		o.mu.Unlock()
		err := to.Send(frame)
		o.mu.Lock()
		if err != nil {
			// Its reader finds the connection broken too. The frame is kept for the next one.
			if o.to == to {
				o.to = nil
			}
			break
		}
		if o.clears == clears {
			o.frames[0] = nil
			o.frames = o.frames[1:]
			o.took(len(frame))
		}
	}
	if o.to == nil || len(o.frames) == 0 {
		o.settled()
	}
}
