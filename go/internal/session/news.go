package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// A scheduler does not tell managers about new tasks; it asks for a worker only when a heartbeat arrives. But it
// publishes every change of a task on its monitor port. A manager without workers subscribes to that, and sends a
// heartbeat when a task has changed: that is faster than any interval, and does not bother an idle scheduler. If it
// cannot subscribe, it sends heartbeats more often.

const (
	// newsSpread is how much the heartbeats of managers are spread, per manager. All of them hear of the same task, each
	// heartbeat costs the scheduler time in proportion to the number of managers, and the first one starts a worker.
	newsSpread = 10 * time.Millisecond

	longestSpread = 500 * time.Millisecond

	// maxChanges is how many changes per second are too many to receive for a manager that does not work on them.
	maxChanges = 200

	// busyPause is how long a manager does not listen after that.
	busyPause = 10 * time.Second
)

// relisten is the backoff between attempts to listen.
var relisten = backoff.Policy{First: time.Second, Last: time.Minute, Jitter: 0.5}

var (
	errBusy    = errors.New("it publishes too many changes")
	errUnknown = errors.New("unknown publication")
)

// listen listens to the scheduler's publications while the pace is OnNews, until ctx ends. peer is the scheduler's
// identity.
func (s *Session) listen(ctx context.Context, peer []byte) {
	logged := ""
	for failures := 0; ; {
		listening, ok := s.subscription.await(ctx)
		if !ok {
			return
		}
		heard, err := s.hear(listening, peer)
		if ctx.Err() != nil {
			return
		}
		if listening.Err() != nil {
			continue // the pace has changed
		}
		if text := err.Error(); text != logged {
			logged = text
			s.options.Log.Debugf("cannot receive the scheduler's publications: %v", err)
		}
		wait := busyPause
		if !errors.Is(err, errBusy) {
			if heard {
				failures = 0
			}
			wait = relisten.Delay(failures)
			failures++
		}
		if !backoff.Wait(ctx, wait) {
			return
		}
	}
}

// hear listens until ctx or the connection ends. It returns whether it received anything.
func (s *Session) hear(ctx context.Context, peer []byte) (heard bool, err error) {
	network := s.options.Transport
	network.MaxFrame, network.Identity = message.MaxFrame, s.options.Identity()
	connection, err := transport.DialMonitor(ctx, s.options.Scheduler, peer, network)
	if err != nil {
		return false, err
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	var (
		n       news
		pending atomic.Bool
		timer   = time.AfterFunc(time.Hour, func() {
			pending.Store(false)
			s.HeartbeatNow()
		})
	)
	defer timer.Stop()
	for {
		frame, err := connection.Receive()
		if err != nil {
			return heard, err
		}
		publication, ok := s.options.Codec.Publication(frame)
		switch {
		case !ok:
			return heard, fmt.Errorf("%w: %d bytes", errUnknown, len(frame))
		case n.note(time.Now(), publication):
			return heard, errBusy
		}
		if !heard {
			heard, publication.Changed = true, true // changes before this were missed
			s.subscription.setHearing(true)
			s.options.Log.Debugf("receiving the scheduler's publications")
			defer func() {
				s.subscription.setHearing(false)
				s.HeartbeatNow() // from now on changes are missed again
			}()
		}
		if publication.Changed && !pending.Swap(true) {
			timer.Reset(n.wait(time.Now(), rand.Float64()))
		}
	}
}

// news decides when to send a heartbeat because of published changes.
type news struct {
	managers int       // that receive the same publications
	last     time.Time // when the last heartbeat was due
	since    time.Time // when the count of changes began
	changes  int
}

// note counts a publication, and returns whether there are too many.
func (n *news) note(now time.Time, p message.Publication) bool {
	if p.Managers > 0 {
		n.managers = p.Managers
	}
	if now.Sub(n.since) >= time.Second {
		n.since, n.changes = now, 0
	}
	if p.Changed {
		n.changes++
	}
	return n.changes > maxChanges
}

// wait returns how long the heartbeat for a change is delayed, given a random number in [0, 1).
func (n *news) wait(now time.Time, random float64) time.Duration {
	spread := min(longestSpread, time.Duration(max(0, n.managers-1))*newsSpread)
	due := now.Add(time.Duration(random * float64(spread)))
	if soonest := n.last.Add(fastInterval); due.Before(soonest) {
		due = soonest
	}
	n.last = due
	return due.Sub(now)
}
