package backoff

import (
	"context"
	"math"
	"testing"
	"time"
)

func TestDelay(t *testing.T) {
	const ms = time.Millisecond
	steady := Policy{First: 100 * ms, Last: time.Second}
	spread := Policy{First: 100 * ms, Last: time.Second, Jitter: 0.25}
	for _, test := range []struct {
		name    string
		policy  Policy
		attempt int
		random  float64
		want    time.Duration
	}{
		{"first", steady, 0, 0, 100 * ms},
		{"doubles", steady, 1, 0, 200 * ms},
		{"doubles again", steady, 3, 0, 800 * ms},
		{"capped", steady, 4, 0, time.Second},
		{"capped for good", steady, math.MaxInt, 0, time.Second},
		{"before the first", steady, -1, 0, 100 * ms},
		{"least jitter", spread, 0, 0, 75 * ms},
		{"no jitter in the middle", spread, 2, 0.5, 400 * ms},
		{"jitter on the cap", spread, 9, 0, 750 * ms},
		{"first above last", Policy{First: time.Hour, Last: time.Second}, 0, 0, time.Second},
		{"no overflow", Policy{First: 1, Last: math.MaxInt64}, 1000, 0, 1 << 62},
		{"zero policy", Policy{}, 5, 0.9, 0},
	} {
		if got := test.policy.delay(test.attempt, test.random); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestDelayIsSpread(t *testing.T) {
	policy := Policy{First: time.Second, Last: time.Minute, Jitter: 0.5}
	seen := map[time.Duration]bool{}
	for range 100 {
		delay := policy.Delay(0)
		seen[delay] = true
		if delay < 500*time.Millisecond || delay > 1500*time.Millisecond {
			t.Errorf("delay %s", delay)
		}
	}
	if len(seen) < 50 {
		t.Errorf("%d different delays of 100", len(seen))
	}
}

func TestWait(t *testing.T) {
	if !Wait(context.Background(), time.Millisecond) {
		t.Error("was cut short")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if Wait(ctx, time.Hour) || Wait(ctx, 0) {
		t.Error("waited although the context had ended")
	}
}
