package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// reconnect is the backoff between two attempts to connect. Its cap is below the 2 s between two heartbeats of a worker
// (default of 1.26.0 to 2.9.0), so that the manager is usually back before a restarted scheduler hears of old workers.
var reconnect = backoff.Policy{First: 100 * time.Millisecond, Last: time.Second, Jitter: 0.5}

// Retry calls attempt until it succeeds, ctx ends, its error is permanent (it matches ErrIncompatible or
// *transport.WrongServerError), or attempts have kept failing for limit (0: no limit). The backoff and the limit start
// over after an attempt that was connected for a while. Each distinct error is logged once, not once per attempt.
func Retry(ctx context.Context, log *logging.Logger, limit time.Duration,
	attempt func(context.Context) (connected time.Duration, err error)) error {
	var lost time.Time // since when there has been no scheduler
	var logged string
	failures := 0
	for {
		connected, err := attempt(ctx)
		if ctx.Err() != nil || err == nil {
			return nil
		}
		if permanent(err) {
			return err
		}
		if connected > silence || lost.IsZero() {
			lost, logged, failures = time.Now(), "", 0
		}
		if limit > 0 && time.Since(lost) >= limit {
			return fmt.Errorf("%w for %.0f s: %w", ErrUnreachable, limit.Seconds(), err)
		}
		if text := err.Error(); text != logged {
			logged = text
			log.Warningf("%v; trying again%s", err, bound(limit))
		}
		delay := reconnect.Delay(failures)
		failures++
		if limit > 0 {
			delay = min(delay, limit-time.Since(lost))
		}
		if !backoff.Wait(ctx, delay) {
			return nil
		}
	}
}

func permanent(err error) bool {
	var wrong *transport.WrongServerError
	return errors.Is(err, ErrIncompatible) || errors.As(err, &wrong)
}

func bound(limit time.Duration) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf(" for up to %s", limit)
}
