package session

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// The bounds of the pause between two visits. The last is shorter than the time between two heartbeats of a worker, so
// that workers of a scheduler that is gone seldom come to be known to the next one.
const (
	firstRetry = 100 * time.Millisecond
	lastRetry  = time.Second
)

// Persist calls visit until ctx ends, visit succeeds, its error matches ErrIncompatible,
// or it has failed for the length of limit (0: no limit). It waits between the calls, longer
// from one to the next until visit tells that it had a connection for a while.
func Persist(ctx context.Context, log *logging.Logger, limit time.Duration,
	visit func(context.Context) (connected time.Duration, err error)) error {
	var lost time.Time // since when there is no scheduler
	var said string
	retry := firstRetry
	for {
		connected, err := visit(ctx)
		if ctx.Err() != nil || err == nil {
			return nil
		}
		if errors.Is(err, ErrIncompatible) {
			return err
		}
		if connected > silence || lost.IsZero() {
			lost, said, retry = time.Now(), "", firstRetry
		}
		if limit > 0 && time.Since(lost) >= limit {
			return fmt.Errorf("%w for %.0f s: %w", ErrUnreachable, limit.Seconds(), err)
		}
		if text := err.Error(); text != said {
			said = text
			log.Warningf("%v; trying again%s", err, bound(limit))
		}
		pause := retry + time.Duration((rand.Float64()-0.5)*float64(retry))
		if limit > 0 {
			pause = min(pause, limit-time.Since(lost))
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		retry = min(2*retry, lastRetry)
	}
}

func bound(limit time.Duration) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf(" for up to %s", limit)
}
