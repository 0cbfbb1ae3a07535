package node

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/session"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// configureTime limits how long the pool waits, when the scheduler is back, for the host to take its new address.
const configureTime = 5 * time.Second

// link returns the options of the manager's own connection to the scheduler. The pool hears of its loss and return.
func (n *node) link(ctx context.Context, d discovery, to address.Address) session.Link {
	link := session.Link{
		Scheduler:        to,
		Transport:        d.network,
		Identity:         d.release.Identity,
		ReconnectTimeout: config.Duration(n.plan.ReconnectTimeoutSeconds),
		Check: func(now transport.Protocol) error {
			if now != d.spoken {
				return fmt.Errorf("the scheduler now speaks %s, but %s when the workers were configured", now, d.spoken)
			}
			return nil
		},
		Moved: func() { n.handle(pool.HostMoved{}) },
		Found: func(another bool) {
			n.resolveAgain(ctx, d)
			n.do(func() {
				n.connected(true)
				// Native agents reconnect by themselves, even to another scheduler.
				n.apply(pool.SchedulerFound{Another: another && d.agents == nil})
			})
		},
		Lost: func() {
			n.do(func() {
				n.connected(false)
				n.apply(pool.SchedulerLost{})
			})
		},
		Log: n.log,
	}
	// Workers that connect through another address may still have the scheduler.
	if d.agents == nil && to.String() == n.plan.SchedulerAddressOfWorkers().String() {
		link.Gone = func() { n.handle(pool.SchedulerGone{}) }
	}
	return link
}

// resolveAgain resolves names again for new workers: the scheduler may be back at another address. It is called on the
// goroutine of the link.
func (n *node) resolveAgain(ctx context.Context, d discovery) {
	if options := n.plan.workerOptions(ctx, n.resolver, d.spoken.Kind); reflect.DeepEqual(options, n.options) {
		return
	}
	// If the host is down, it is configured when it is back; do not make the pool wait for that.
	limited, cancel := context.WithTimeout(ctx, configureTime)
	defer cancel()
	if _, err := n.configure(limited, d); err != nil && ctx.Err() == nil {
		n.log.Errorf("workers keep the previous address of the scheduler: %v", err)
	}
}

// heartbeat returns the manager's heartbeat.
func heartbeat(c *config.Config) message.Heartbeat {
	heartbeat := message.Heartbeat{
		MaxTaskConcurrency: concurrency(c.MaxTaskConcurrency),
		ManagerID:          []byte(c.WorkerManagerID),
	}
	for _, c := range c.PerWorkerCapabilities {
		heartbeat.Capabilities = append(heartbeat.Capabilities, message.Capability{Name: c.Name, Value: c.Value})
	}
	return heartbeat
}

// concurrency encodes a number of workers for the wire. The field is unsigned (32 bits, 1.26.0 to 2.9.0), so -1, no
// limit, becomes its largest value.
func concurrency(configured int64) uint32 {
	if configured < 0 || configured > math.MaxUint32 {
		return math.MaxUint32
	}
	return uint32(configured)
}
