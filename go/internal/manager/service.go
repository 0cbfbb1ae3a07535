package manager

import (
	"context"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// watchdog tells the service manager that the manager lives, as often as it wants to hear it. It asks the pool
// first: a manager whose pool hangs is one to be restarted.
func (m *Manager) watchdog(ctx context.Context, p *pool.Pool) {
	interval := m.service.Interval()
	if interval == 0 {
		return
	}
	every(ctx, p, interval, func() {
		p.Snapshot()
		_ = m.service.Alive()
	})
}

// tell shows the state of the pool in the state of the service. It may wait for the service manager, so it
// is not for the pool's goroutine.
func (m *Manager) tell(states <-chan pool.Snapshot, p *pool.Pool) {
	for {
		select {
		case <-p.Done():
			return
		case s := <-states:
			_ = m.service.Status(fmt.Sprintf("%d of %d workers registered, %d draining, %d stopping", s.Registered, s.Desired, s.Draining, s.Stopping))
		}
	}
}
