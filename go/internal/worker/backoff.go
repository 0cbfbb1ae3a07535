package worker

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
)

// EarlyDeath is the age below which a death delays later starts.
const EarlyDeath = 5 * time.Second

// The backoff before a replacement: the delay after the second early death in a row, and its limit.
const (
	firstDelay = 250 * time.Millisecond
	lastDelay  = 30 * time.Second
)

var replacement = backoff.Policy{First: firstDelay, Last: lastDelay, Jitter: 0.25}

// Backoff returns how long to wait before the next start after a number of consecutive early deaths: not at all after
// the first one, then 250 ms, doubling up to 30 s, with 25% jitter.
func Backoff(deaths int) time.Duration {
	if deaths < 2 {
		return 0
	}
	return replacement.Delay(deaths - 2)
}
