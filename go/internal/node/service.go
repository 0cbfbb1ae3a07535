package node

import (
	"context"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

// shutdownTime is the time for the end of a run besides the workers' own: for killing workers, and for the host to
// exit.
const shutdownTime = 20 * time.Second

// watchdog pings the service manager, at the interval that it asks for. It asks the loop first, so that a manager whose
// loop hangs is restarted.
func (n *node) watchdog(ctx context.Context) {
	if interval := n.service.Interval(); interval > 0 {
		every(ctx, interval, func() {
			n.snapshot()
			_ = n.service.Alive()
		})
	}
}

// showStatus shows the state of the pool as the state of the service. It may block on the service manager, and so must
// not run in the loop.
func (n *node) showStatus(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-n.states:
			_ = n.service.Status(s.String())
		}
	}
}

// status is the state that showStatus shows.
type status struct {
	pool.Snapshot
	agents.Spares
	phase string
	until time.Time // of a drain; zero without a deadline
}

func (s status) String() string {
	text := fmt.Sprintf("%d of %d workers registered, %d draining, %d stopping",
		s.Registered, s.Desired, s.Draining, s.Stopping)
	switch {
	case s.phase == state.Draining && !s.until.IsZero():
		text = fmt.Sprintf("draining until %s: %s", s.until.Format(time.TimeOnly), text)
	case s.phase == state.Draining || s.phase == state.Drained:
		text = s.phase + ": " + text
	}
	if count := len(s.Waiting); count > 0 {
		text += fmt.Sprintf(", spare processors: %d (%s)", count, size.Format(s.Bytes))
	}
	return text
}

// publish passes a state to showStatus, replacing an older one.
func (n *node) publish(s pool.Snapshot) {
	select {
	case <-n.states:
	default:
	}
	n.states <- status{s, n.spares, n.phase(), n.drainUntil} // does not block: this is the only sender
}

// notifyDrain tells the service manager that the manager is stopping, and how long that may take.
func (n *node) notifyDrain(limit time.Duration) {
	_ = n.service.Stopping()
	_ = n.service.Extend(limit + config.Duration(n.plan.StopTimeoutSeconds) + shutdownTime)
}

// every calls f at an interval until ctx ends.
func every(ctx context.Context, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			f()
		}
	}
}
