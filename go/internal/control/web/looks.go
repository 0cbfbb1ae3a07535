package web

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

const (
	// shared is how long an answer of the manager is given to all who ask.
	shared = 500 * time.Millisecond
	// patience is how long a manager may take to answer before it counts as one that hangs.
	patience = time.Second
)

var errSilent = errors.New("the manager does not answer")

// looks are the looks at a manager: one at a time and at most one in each time of shared, however many ask.
type looks struct {
	manager  control.Manager
	ctx      context.Context // ends with the server
	patience time.Duration
	now      func() time.Time
	running  sync.WaitGroup

	mu      sync.Mutex // guards below
	last    *look
	history history
}

// look is one that is made, or was.
type look struct {
	begun time.Time
	done  chan struct{} // closed when those below are there
	state state.Manager
	err   error
	json  func() ([]byte, error) // of state, made once
}

func newLooks(ctx context.Context, manager control.Manager) *looks {
	l := &looks{manager: manager, ctx: ctx, patience: patience, now: time.Now}
	l.running.Add(1)
	go func() {
		defer l.running.Done()
		l.keep()
	}()
	return l
}

// wait is for after the end of ctx.
func (l *looks) wait() { l.running.Wait() }

// keep has the history go on while nobody looks.
func (l *looks) keep() {
	ticker := time.NewTicker(historyStep)
	defer ticker.Stop()
	for l.ctx.Err() == nil {
		_, _ = l.get(l.ctx)
		select {
		case <-l.ctx.Done():
		case <-ticker.C:
		}
	}
}

// get waits for a look that is no older than shared.
func (l *looks) get(ctx context.Context) (*look, error) {
	l.mu.Lock()
	current := l.last
	if current == nil || current.ended() && l.now().Sub(current.begun) >= shared {
		current = l.begin()
	}
	l.mu.Unlock()
	timeout := time.NewTimer(l.patience)
	defer timeout.Stop()
	select {
	case <-current.done:
		return current, current.err
	case <-timeout.C:
		return nil, errSilent
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *looks) state() (state.Manager, error) {
	found, err := l.get(l.ctx)
	if err != nil {
		return state.Manager{}, err
	}
	return found.state, nil
}

// begin needs l.mu held. A manager that hangs is asked once, and not again by each who wants to know.
func (l *looks) begin() *look {
	current := &look{begun: l.now(), done: make(chan struct{})}
	current.json = sync.OnceValues(func() ([]byte, error) { return json.Marshal(current.state) })
	l.last = current
	l.running.Add(1)
	go func() {
		defer l.running.Done()
		defer close(current.done)
		current.state, current.err = l.manager.Status(l.ctx, false)
		if current.err == nil {
			l.mu.Lock()
			l.history.add(pointOf(&current.state))
			l.mu.Unlock()
		}
	}()
	return current
}

func (l *look) ended() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
}

// points is a copy of the history.
func (l *looks) points() []Point {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.history.list()
}
