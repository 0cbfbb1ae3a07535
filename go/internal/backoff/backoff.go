// Package backoff computes how long to wait between attempts that keep failing.
package backoff

import (
	"context"
	"math"
	"math/rand/v2"
	"time"
)

// Policy is exponential backoff: First before the second attempt, then doubling up to Last.
type Policy struct {
	First time.Duration
	Last  time.Duration

	// Jitter spreads each delay evenly around its value, so that many managers that lost the same scheduler do not return
	// at the same moment: 0.25 means ±25%. Last limits the delay before jitter.
	Jitter float64
}

// Delay returns how long to wait after failed attempt number attempt, counted from 0.
func (p Policy) Delay(attempt int) time.Duration { return p.delay(attempt, rand.Float64()) }

// delay takes a random number in [0, 1).
func (p Policy) delay(attempt int, random float64) time.Duration {
	delay := p.First
	for range attempt {
		if delay >= p.Last || delay > math.MaxInt64/2 {
			break
		}
		delay *= 2
	}
	delay = min(delay, p.Last)
	return delay + time.Duration(p.Jitter*(2*random-1)*float64(delay))
}

// Wait waits for delay. It returns false if ctx ends first.
func Wait(ctx context.Context, delay time.Duration) bool {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
