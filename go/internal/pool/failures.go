package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

const (
	// maxIndividualLogs is how many consecutive failed starts are logged one by one; later ones are only summed up.
	maxIndividualLogs = 3

	// failureWindow is how long a failed start counts against later ones.
	failureWindow = 2 * time.Minute

	// The bounds of the backoff for replacing a worker that registered but died early. It doubles for crashes within
	// crashWindow of each other. The scheduler reruns a task that kills its worker on the next worker, again and again:
	// that must cost a few starts a second at most, and must not delay other workers.
	firstHold   = 100 * time.Millisecond
	longestHold = time.Second
	crashWindow = 10 * time.Second
)

var crashBackoff = backoff.Policy{First: firstHold, Last: longestHold}

// failures decides how long to wait before the next start. A worker that never registered delays all starts, since the
// next one would probably fail too; one that died after it had registered delays only its own replacement.
type failures struct {
	deaths    int       // consecutive workers that never registered
	rounds    int       // the same in rounds: workers that existed at the same time are one round
	lastRound time.Time // when the last round began
	retryAt   time.Time // no start before this time

	holds    []time.Time // when workers that crashed may be replaced
	crashes  int         // consecutive ones
	lastHold time.Time
}

// add counts a worker that never registered, and returns how long all starts are delayed. A worker that was requested
// before the last round began belongs to that round: a whole pool that fails counts once.
func (f *failures) add(now, requestedAt time.Time) (wait time.Duration) {
	if now.Sub(f.lastRound) > failureWindow {
		f.deaths, f.rounds = 0, 0
	}
	f.deaths++
	if f.rounds > 0 && requestedAt.Before(f.lastRound) {
		return 0
	}
	f.rounds++
	f.lastRound = now
	wait = worker.Backoff(f.rounds)
	f.retryAt = now.Add(wait)
	return wait
}

// hold delays the replacement of one worker.
func (f *failures) hold(now time.Time) {
	if now.Sub(f.lastHold) > crashWindow {
		f.crashes = 0
	}
	f.lastHold = now
	wait := time.Duration(0) // the first one is replaced at once
	if f.crashes > 0 {
		wait = crashBackoff.Delay(f.crashes - 1)
	}
	f.crashes++
	f.holds = append(f.holds, now.Add(wait))
}

// held returns how many replacements are delayed now.
func (f *failures) held(now time.Time) int {
	waiting := f.holds[:0]
	for _, until := range f.holds {
		if until.After(now) {
			waiting = append(waiting, until)
		}
	}
	f.holds = waiting
	return len(waiting)
}

// next returns when the next delayed start may happen, zero if none is delayed.
func (f *failures) next(now time.Time) (at time.Time) {
	for _, candidate := range append([]time.Time{f.retryAt}, f.holds...) {
		if candidate.After(now) && (at.IsZero() || candidate.Before(at)) {
			at = candidate
		}
	}
	return at
}

func (f *failures) reset() { f.deaths, f.rounds, f.retryAt = 0, 0, time.Time{} }
