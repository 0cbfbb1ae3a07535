package worker

import (
	"math/rand/v2"
	"time"
)

// Young is the age under which a death counts against those that come after.
const Young = 5 * time.Second

// The bounds of the wait before a replacement: what the second young death in a row
// costs, and what it grows to.
const (
	firstDelay = 250 * time.Millisecond
	lastDelay  = 30 * time.Second
)

// Backoff is how long to wait before the next start after a number of young deaths in
// a row: nothing after the first one, then doubling, with a jitter of a quarter.
func Backoff(deaths int) time.Duration {
	if deaths < 2 {
		return 0
	}
	delay := lastDelay
	if shift := deaths - 2; shift < 7 {
		delay = min(firstDelay<<shift, lastDelay)
	}
	return delay + time.Duration((rand.Float64()-0.5)/2*float64(delay))
}
