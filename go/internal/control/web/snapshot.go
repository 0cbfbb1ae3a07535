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
	// maxAge is the time for which a snapshot is reused.
	maxAge = 500 * time.Millisecond
	// answerTimeout is the time after which a manager that has not answered counts as hung.
	answerTimeout = time.Second
)

var errNoAnswer = errors.New("the manager does not answer")

// snapshots caches snapshots of a manager, so that many clients cost it no more than one.
type snapshots struct {
	manager control.Manager
	ctx     context.Context // of the server
	timeout time.Duration
	clock   func() time.Time
	running sync.WaitGroup

	mu      sync.Mutex // guards below
	last    *snapshot
	history history
}

// snapshot is a snapshot, taken or being taken.
type snapshot struct {
	started time.Time
	done    chan struct{} // closed once the fields below are set
	state   state.Manager
	err     error
	json    func() ([]byte, error) // encodes state once
}

func newSnapshots(ctx context.Context, manager control.Manager) *snapshots {
	s := &snapshots{manager: manager, ctx: ctx, timeout: answerTimeout, clock: time.Now}
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		s.run()
	}()
	return s
}

// wait waits for all goroutines, which end with ctx.
func (s *snapshots) wait() { s.running.Wait() }

// run takes snapshots for the history while no client requests any.
func (s *snapshots) run() {
	ticker := time.NewTicker(historyStep)
	defer ticker.Stop()
	for s.ctx.Err() == nil {
		_, _ = s.get(s.ctx)
		select {
		case <-s.ctx.Done():
		case <-ticker.C:
		}
	}
}

// get returns a snapshot that is no older than maxAge.
func (s *snapshots) get(ctx context.Context) (*snapshot, error) {
	s.mu.Lock()
	current := s.last
	if current == nil || current.taken() && s.clock().Sub(current.started) >= maxAge {
		current = s.start()
	}
	s.mu.Unlock()
	timeout := time.NewTimer(s.timeout)
	defer timeout.Stop()
	select {
	case <-current.done:
		return current, current.err
	case <-timeout.C:
		return nil, errNoAnswer
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *snapshots) state() (state.Manager, error) {
	found, err := s.get(s.ctx)
	if err != nil {
		return state.Manager{}, err
	}
	return found.state, nil
}

// start starts to take a snapshot. s.mu must be held.
func (s *snapshots) start() *snapshot {
	current := &snapshot{started: s.clock(), done: make(chan struct{})}
	current.json = sync.OnceValues(func() ([]byte, error) { return json.Marshal(current.state) })
	s.last = current
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		defer close(current.done)
		current.state, current.err = s.manager.Status(s.ctx, false)
		if current.err == nil {
			s.mu.Lock()
			s.history.add(pointOf(&current.state))
			s.mu.Unlock()
		}
	}()
	return current
}

func (s *snapshot) taken() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// points returns a copy of the history.
func (s *snapshots) points() []Point {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.history.list()
}
