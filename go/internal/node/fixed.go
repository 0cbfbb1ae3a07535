package node

import (
	"context"
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/session"
)

// fixed is the mode in which all workers are started at once. It ends with the last one. Workers that exit because the
// scheduler is gone do not count as failures: they are restarted when it is back, which the manager's own connection
// shows.
type fixed struct {
	log      *logging.Logger
	count    int // only used by the loop
	begun    time.Time
	complete bool
	ends     chan struct{} // a worker has exited, or the scheduler is back; capacity 1
}

func (n *node) newFixed(ctx context.Context, d discovery) *fixed {
	mode := &fixed{log: n.log, count: n.maximum, begun: time.Now(), ends: make(chan struct{}, 1)}
	if mode.count == 0 {
		n.log.Warningf("max_task_concurrency is 0: there is nothing to do in fixed mode")
		n.finish(nil, pool.Stop{})
		return mode
	}
	n.log.Infof("starting %d workers as %s", mode.count, n.plan.WorkerManagerID)
	watch := session.NewWatch(n.link(ctx, d, d.scheduler))
	watch.Connected = mode.wake
	n.run(func() {
		if err := watch.Run(ctx); err != nil && ctx.Err() == nil {
			n.do(func() { n.finish(err, pool.Stop{}) })
		}
	})
	n.run(func() { n.awaitLast(ctx, mode, watch) })
	return mode
}

func (m *fixed) changed(before, now pool.Snapshot) {
	if now.Registered == m.count && !m.complete {
		m.complete = true
		m.log.Infof("all %d workers registered after %.2f s", m.count, time.Since(m.begun).Seconds())
	}
	if now.Ended != before.Ended || now.Failed != before.Failed {
		m.wake()
	}
}

func (m *fixed) offer(count int, _ bool) { m.count = count }

func (m *fixed) wake() {
	select {
	case m.ends <- struct{}{}:
	default:
	}
}

// awaitLast ends the run when the last worker has exited, unless the scheduler is gone.
func (n *node) awaitLast(ctx context.Context, mode *fixed, watch *session.Watch) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-mode.ends:
		}
		// Probe for every missing worker: a scheduler that hangs closes no connection.
		complete := ask(n, func() bool { return n.pool.Snapshot().Desired == mode.count })
		if complete || !watch.Probe(ctx) || !n.snapshot().Empty() {
			continue
		}
		n.do(func() {
			s := n.pool.Snapshot()
			if !s.Empty() { // the scheduler was lost meanwhile, and its workers are to come back
				return
			}
			n.log.Infof("all %d workers have ended", mode.count)
			var err error
			if s.Unreplaced >= mode.count {
				err = fmt.Errorf("all %d workers failed", mode.count)
			}
			n.finish(err, pool.Stop{})
		})
	}
}
