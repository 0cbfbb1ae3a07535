package agents

import "sync"

// outbox sends frames over a connection, in order, and never has its owner wait. While there is no connection it keeps
// them. A goroutine writes for as long as there is something to write, so that an idle connection has none.
type outbox struct {
	limit int // in bytes

	mu      sync.Mutex // guards below
	frames  [][]byte
	bytes   int
	clears  int    // how often what waited was dropped
	to      sender // nil while there is no connection
	writing bool
	empty   chan struct{} // closed when all is sent or the connection is lost; nil when nobody waits for that
}

// sender is the sending side of a connection.
type sender interface{ Send(frame []byte) error }

// put queues a frame, and returns false when there is no room for it.
func (o *outbox) put(frame []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.bytes > 0 && o.bytes+len(frame) > o.limit {
		return false
	}
	o.frames = append(o.frames, frame)
	o.bytes += len(frame)
	o.write()
	return true
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

// clear drops what is not sent.
func (o *outbox) clear() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.frames, o.bytes = nil, 0
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
	defer func() { o.writing = false }()
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
			o.bytes -= len(frame)
		}
	}
	if o.to == nil || len(o.frames) == 0 {
		o.settled()
	}
}
