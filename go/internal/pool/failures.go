package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

const (
	// maxIndividualLogs is how many starts that failed in a row are told one by one; of more only the sum is.
	maxIndividualLogs = 3

	// failureWindow is after how long a failed start does not count against later ones.
	failureWindow = 2 * time.Minute

	// The wait for the replacement of a worker that died young though it had registered: twice as long from one to the
	// next, as long as they come within crashWindow of each other. A task that kills its worker is given to the next one
	// by the scheduler, again and again; it must cost some starts a second at most, and nobody else's time.
	firstHold   = 100 * time.Millisecond
	longestHold = time.Second
	crashWindow = 10 * time.Second
)

var crashed = backoff.Policy{First: firstHold, Last: longestHold}

// failures are what the pool remembers of workers that failed: starts that came to nothing hold up all further ones,
// as the next would come to nothing too; workers that worked before they died hold up their own replacement.
type failures struct {
	deaths    int       // of workers that never registered, in a row
	rounds    int       // of those: workers that were there together are one round
	lastRound time.Time // when the last round began
	retryAt   time.Time // no start before it

	holds    []time.Time // when the places of workers that died at work may be filled again
	crashes  int         // in a row
	lastHold time.Time
}

// add counts a worker that never registered, and returns how long all starts wait for it. Workers that were asked for
// before the last round began count with it: a whole pool that fails is one event.
func (f *failures) add(now, asked time.Time) (wait time.Duration) {
	if now.Sub(f.lastRound) > failureWindow {
		f.deaths, f.rounds = 0, 0
	}
	f.deaths++
	if f.rounds > 0 && asked.Before(f.lastRound) { // what replaces the first one is asked for at the same moment
		return 0
	}
	f.rounds++
	f.lastRound = now
	wait = worker.Backoff(f.rounds)
	f.retryAt = now.Add(wait)
	return wait
}

// hold keeps the place of one worker empty for a while.
func (f *failures) hold(now time.Time) {
	if now.Sub(f.lastHold) > crashWindow {
		f.crashes = 0
	}
	f.lastHold = now
	wait := time.Duration(0) // the first one is replaced at once
	if f.crashes > 0 {
		wait = crashed.Delay(f.crashes - 1)
	}
	f.crashes++
	f.holds = append(f.holds, now.Add(wait))
}

// heldBack is how many places wait now.
func (f *failures) heldBack(now time.Time) int {
	waiting := f.holds[:0]
	for _, until := range f.holds {
		if until.After(now) {
			waiting = append(waiting, until)
		}
	}
	f.holds = waiting
	return len(waiting)
}

// next is when a start that waits may come, zero when none waits.
func (f *failures) next(now time.Time) (at time.Time) {
	for _, candidate := range append([]time.Time{f.retryAt}, f.holds...) {
		if candidate.After(now) && (at.IsZero() || candidate.Before(at)) {
			at = candidate
		}
	}
	return at
}

func (f *failures) reset() { f.deaths, f.rounds, f.retryAt = 0, 0, time.Time{} }
