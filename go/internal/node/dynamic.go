package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/session"
)

// dynamic is the mode in which the scheduler decides on the number of workers.
type dynamic struct {
	session *session.Session
	maximum int // as offered to the scheduler
}

func (n *node) newDynamic(ctx context.Context, d discovery) *dynamic {
	heartbeat := heartbeat(n.plan.Config)
	commands := &commands{handle: n.handle, dialect: d.release.Dialect, capabilities: heartbeat.Capabilities}
	link := n.link(ctx, d, n.plan.SchedulerAddress)
	link.First = d.first
	mode := &dynamic{maximum: n.maximum, session: session.New(session.Options{
		Link:      link,
		Codec:     d.release.Codec,
		Heartbeat: heartbeat,
		Interval:  config.Duration(n.plan.HeartbeatIntervalSeconds),
		Command:   commands.handleCommand,
	})}
	mode.session.SetPace(mode.pace(pool.Snapshot{})) // changed is only called on changes
	n.log.Infof("serving scheduler %s as %s", n.plan.SchedulerAddress, n.plan.WorkerManagerID)
	n.run(func() {
		err := mode.session.Run(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, session.ErrIncompatible) {
			err = fmt.Errorf("%w (installed: Scaler %s, of the %s protocol)", err, d.release.Version, d.release.Dialect)
		}
		n.do(func() { n.finish(err, pool.Stop{}) })
	})
	return mode
}

func (m *dynamic) changed(before, now pool.Snapshot) {
	m.session.SetStable(now.Stable())
	m.session.SetPace(m.pace(now))
	if now.Registered != before.Registered || now.Ended != before.Ended {
		m.session.HeartbeatNow()
	}
}

// offer offers no worker while the manager drains. A scheduler that fills managers in an order (waterfall, 1.26.0 to
// 2.9.0) then uses the next one, and none keeps asking in vain.
func (m *dynamic) offer(maximum int, draining bool) {
	m.maximum = maximum
	if draining {
		m.maximum = 0
	}
	m.session.Offer(concurrency(int64(m.maximum)))
}

func (m *dynamic) pace(now pool.Snapshot) session.Pace {
	switch full := m.maximum != pool.Unlimited && now.Actual >= m.maximum; {
	case full || now.Busy < now.Actual:
		return session.Steady
	case now.Actual == 0:
		return session.OnNews
	default:
		return session.Fast
	}
}
