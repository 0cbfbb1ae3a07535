package worker

import (
	"math"
	"testing"
	"time"
)

func TestBackoffOfTheFirstDeaths(t *testing.T) {
	for _, deaths := range []int{math.MinInt, -1, 0, 1} {
		if got := Backoff(deaths); got != 0 {
			t.Errorf("after %d deaths: %s, want 0", deaths, got)
		}
	}
}

func TestBackoffBounds(t *testing.T) {
	middle := firstDelay
	for deaths := 2; deaths <= 80; deaths++ {
		least, most := middle-middle/4, middle+middle/4
		for range 100 {
			if got := Backoff(deaths); got < least || got > most {
				t.Errorf("after %d deaths: %s, want %s to %s", deaths, got, least, most)
			}
		}
		middle = min(2*middle, lastDelay)
	}
	if got := Backoff(math.MaxInt); got > lastDelay+lastDelay/4 || got < lastDelay-lastDelay/4 {
		t.Errorf("after very many deaths: %s", got)
	}
}

// While the delay doubles, 25% jitter never makes a later delay shorter than an earlier one.
func TestBackoffGrows(t *testing.T) {
	for deaths := 2; firstDelay<<(deaths-1) <= lastDelay; deaths++ {
		var longest time.Duration
		shortest := time.Duration(math.MaxInt64)
		for range 100 {
			longest = max(longest, Backoff(deaths))
			shortest = min(shortest, Backoff(deaths+1))
		}
		if shortest < longest {
			t.Errorf("%s after %d deaths, %s after one more", longest, deaths, shortest)
		}
	}
}

func TestBackoffHasJitter(t *testing.T) {
	first := Backoff(10)
	for range 100 {
		if Backoff(10) != first {
			return
		}
	}
	t.Error("100 delays are the same")
}
