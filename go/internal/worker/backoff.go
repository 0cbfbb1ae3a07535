package worker

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
)

// Young is the age under which a death counts against those that come after.
const Young = 5 * time.Second

// The bounds of the wait before a replacement: what the second young death in a row
// costs, and what it grows to.
const (
	firstDelay = 250 * time.Millisecond
	lastDelay  = 30 * time.Second
)

var replacement = backoff.Policy{First: firstDelay, Last: lastDelay, Jitter: 0.25}

// Backoff is how long to wait before the next start after a number of young deaths in
// a row: nothing after the first one, then doubling, with a jitter of a quarter.
func Backoff(deaths int) time.Duration {
	if deaths < 2 {
		return 0
	}
	return replacement.Delay(deaths - 2)
}
