package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/session"
)

// dynamic follows the scheduler until it is told to stop or the scheduler is gone for good.
type dynamic struct {
	talk    *session.Session
	maximum int // as it is offered
}

func (n *node) newDynamic(ctx context.Context, d discovery) *dynamic {
	heartbeat := heartbeat(n.plan.Config)
	commands := &commands{handle: n.handle, dialect: d.release.Dialect, capabilities: heartbeat.Capabilities}
	link := n.link(ctx, d, n.plan.SchedulerAddress)
	link.First = d.first
	mode := &dynamic{maximum: n.maximum, talk: session.New(session.Options{
		Link:      link,
		Codec:     d.release.Codec,
		Heartbeat: heartbeat,
		Interval:  config.Duration(n.plan.HeartbeatIntervalSeconds),
		Command:   commands.handleCommand,
	})}
	mode.talk.SetPace(mode.pace(pool.Snapshot{})) // there is no worker yet, and the pool tells only of changes
	n.log.Infof("serving scheduler %s as %s", n.plan.SchedulerAddress, n.plan.WorkerManagerID)
	n.run(func() {
		err := mode.talk.Run(ctx)
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
	m.talk.SetStable(now.Stable())
	m.talk.SetPace(m.pace(now))
	if now.Registered != before.Registered || now.Ended != before.Ended {
		m.talk.HeartbeatNow()
	}
}

// offer has the scheduler ask for no worker while the manager drains: one that allots work to managers in an order
// (waterfall, 1.26.0 to 2.9.0) goes on to the next one, and none asks again and again in vain.
func (m *dynamic) offer(maximum int, draining bool) {
	m.maximum = maximum
	if draining {
		m.maximum = 0
	}
	m.talk.Offer(concurrency(int64(m.maximum)))
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
