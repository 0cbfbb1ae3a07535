package session

import (
	"context"
	"sync"
	"time"
)

// Pace is how often heartbeats are sent when nothing happens. A scheduler considers scaling only when one arrives.
type Pace int

const (
	// Steady sends one per interval: there are idle workers, or no more are allowed.
	Steady Pace = iota
	// Fast is for when every worker is busy.
	Fast
	// OnNews is for a manager without workers: like Steady, plus one when the scheduler publishes a change. It is like
	// Fast while publications cannot be received.
	OnNews
)

const (
	// fastInterval is the interval of Fast, so that the scheduler reacts to new tasks within 0.2 s. One that answers
	// slowly is busy, so the interval is at least fastShare times its answer time.
	fastInterval = 200 * time.Millisecond
	fastShare    = 20
)

// interval returns the time until the next heartbeat, given how long the scheduler takes to answer one.
func (s *Session) interval(answer time.Duration) time.Duration {
	s.mu.Lock()
	pace := s.pace
	s.mu.Unlock()
	if pace == Steady || pace == OnNews && s.subscription.isHearing() {
		return s.options.Interval
	}
	return min(s.options.Interval, max(s.fast, fastShare*answer))
}

// SetPace changes the pace. A change from Steady to another pace sends a heartbeat at once.
func (s *Session) SetPace(pace Pace) {
	s.mu.Lock()
	quicker := s.pace == Steady && pace != Steady
	s.pace = pace
	s.mu.Unlock()
	s.subscription.set(pace == OnNews)
	if quicker {
		s.HeartbeatNow()
	}
}

// subscription holds whether publications are wanted, and whether they are being received.
type subscription struct {
	mu      sync.Mutex // guards below
	hearing bool
	wanted  chan struct{} // closed while they are wanted
	end     func()        // cancels the context of await; may be nil
}

func newSubscription() *subscription { return &subscription{wanted: make(chan struct{})} }

func (l *subscription) set(wanted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.wanted:
		if wanted {
			return
		}
		l.wanted = make(chan struct{})
		if l.end != nil {
			l.end()
		}
	default:
		if wanted {
			close(l.wanted)
		}
	}
}

// await waits until publications are wanted, and returns a context that lasts as long as they are. It returns false
// when ctx ends.
func (l *subscription) await(ctx context.Context) (context.Context, bool) {
	for {
		l.mu.Lock()
		wanted := l.wanted
		l.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, false
		case <-wanted:
		}
		l.mu.Lock()
		if l.wanted == wanted {
			if l.end != nil {
				l.end()
			}
			listening, end := context.WithCancel(ctx)
			l.end = end
			l.mu.Unlock()
			return listening, true
		}
		l.mu.Unlock()
	}
}

func (l *subscription) setHearing(hearing bool) {
	l.mu.Lock()
	l.hearing = hearing
	l.mu.Unlock()
}

func (l *subscription) isHearing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hearing
}
