package session

import (
	"context"
	"sync"
	"time"
)

// Pace is how often there are heartbeats when nothing happens. A scheduler thinks about workers only when one arrives.
type Pace int

const (
	// Steady is one an interval: there are free workers, or no more are allowed.
	Steady Pace = iota
	// Fast is for when every worker is busy.
	Fast
	// OnNews is for a manager without workers: steady and when something has happened at the scheduler, or Fast while
	// that cannot be heard.
	OnNews
)

const (
	// fastInterval is the interval of Fast, so that the scheduler answers to new work within 0.2 s. One that answers
	// slowly is busy, so the interval is at least fastShare times its answer time.
	fastInterval = 200 * time.Millisecond
	fastShare    = 20
)

// interval is the time to the next heartbeat if nothing happens; answer is how long the scheduler takes to answer one.
func (s *Session) interval(answer time.Duration) time.Duration {
	s.mu.Lock()
	pace := s.pace
	s.mu.Unlock()
	if pace == Steady || pace == OnNews && s.listener.isHearing() {
		return s.options.Interval
	}
	return min(s.options.Interval, max(s.fast, fastShare*answer))
}

// SetPace changes the pace. Where that is from Steady to another one, a heartbeat goes out at once.
func (s *Session) SetPace(pace Pace) {
	s.mu.Lock()
	quicker := s.pace == Steady && pace != Steady
	s.pace = pace
	s.mu.Unlock()
	s.listener.set(pace == OnNews)
	if quicker {
		s.HeartbeatNow()
	}
}

// listener says whether news are wanted, and whether they are heard.
type listener struct {
	mu      sync.Mutex // guards below
	hearing bool
	wanted  chan struct{} // closed while they are wanted
	end     func()        // ends what await gave; may be nil
}

func newListener() *listener { return &listener{wanted: make(chan struct{})} }

func (l *listener) set(wanted bool) {
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

// await waits until news are wanted, and returns a context for as long as they are; the one before ends. It is false
// when ctx has ended.
func (l *listener) await(ctx context.Context) (context.Context, bool) {
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

func (l *listener) setHearing(hearing bool) {
	l.mu.Lock()
	l.hearing = hearing
	l.mu.Unlock()
}

func (l *listener) isHearing() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.hearing
}
