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

// A scheduler tells no manager that a task has come, and asks for a worker only when a heartbeat arrives. But it
// publishes each change of a task, to whoever is connected to its monitor port. A manager without workers listens
// there, and sends a heartbeat when there is news: that is sooner than any interval, and a scheduler without work is
// left alone. What cannot be heard costs nothing but frequent heartbeats.

const (
	// newsSpread is how much later a heartbeat comes for each other manager, at most: all hear of the same task, each
	// heartbeat costs the scheduler as much as there are managers, and the first of them starts a worker.
	newsSpread = 10 * time.Millisecond

	longestSpread = 500 * time.Millisecond

	// loud is how many changes a second are too many to be sent to a manager that does not work on them.
	loud = 200

	// rest is how long a manager does not listen after that.
	rest = 10 * time.Second
)

// relisten is the backoff between attempts to listen.
var relisten = backoff.Policy{First: time.Second, Last: time.Minute, Jitter: 0.5}

var (
	errLoud    = errors.New("it has too much to tell")
	errUnknown = errors.New("what it tells is not understood")
)

// listen follows the scheduler's news while the pace is OnNews, until ctx ends. peer is the scheduler's identity.
func (s *Session) listen(ctx context.Context, peer []byte) {
	said := ""
	for failures := 0; ; {
		listening, ok := s.listener.await(ctx)
		if !ok {
			return
		}
		heard, err := s.hear(listening, peer)
		if ctx.Err() != nil {
			return
		}
		if listening.Err() != nil {
			continue // there is no need for news, for now
		}
		if text := err.Error(); text != said {
			said = text
			s.options.Log.Debugf("does not listen to the scheduler's news: %v", err)
		}
		wait := rest
		if !errors.Is(err, errLoud) {
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

// hear listens until ctx ends or the news do. It returns whether there was any.
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
			return heard, errLoud
		}
		if !heard {
			heard, publication.Changed = true, true // what was before this was not heard
			s.listener.setHearing(true)
			s.options.Log.Debugf("listens to the scheduler's news")
			defer func() {
				s.listener.setHearing(false)
				s.HeartbeatNow() // or the next one would come in an interval, whatever happens meanwhile
			}()
		}
		if publication.Changed && !pending.Swap(true) {
			timer.Reset(n.wait(time.Now(), rand.Float64()))
		}
	}
}

// news decides when there is a heartbeat for it.
type news struct {
	managers int       // that have heard the same
	last     time.Time // when the last heartbeat was due
	since    time.Time // of what is counted
	changes  int
}

// note takes a publication, and returns whether there are too many.
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
	return n.changes > loud
}

// wait is how long a heartbeat for a change has to wait. It takes a random number in [0, 1).
func (n *news) wait(now time.Time, random float64) time.Duration {
	spread := min(longestSpread, time.Duration(max(0, n.managers-1))*newsSpread)
	due := now.Add(time.Duration(random * float64(spread)))
	if soonest := n.last.Add(fastInterval); due.Before(soonest) {
		due = soonest
	}
	n.last = due
	return due.Sub(now)
}
