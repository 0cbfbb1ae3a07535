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

// configureTime is how long a scheduler that was found again waits for the host to learn its addresses.
const configureTime = 5 * time.Second

// link is the manager's own way to the scheduler at an address. The pool hears of its coming and going.
func (n *node) link(ctx context.Context, d discovery, to address.Address) session.Link {
	link := session.Link{
		Scheduler:        to,
		Transport:        d.network,
		Identity:         d.release.Identity,
		ReconnectTimeout: config.Duration(n.plan.ReconnectTimeoutSeconds),
		Check: func(now transport.Protocol) error {
			if now != d.spoken {
				return fmt.Errorf("the scheduler speaks %s now, and spoke %s when the workers were set up", now, d.spoken)
			}
			return nil
		},
		Found: func(another bool) {
			n.resolveAgain(ctx, d)
			n.do(func() {
				n.connected(true)
				// Native agents rejoin a scheduler by themselves, whichever it is.
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
	// Workers that have another way to the scheduler may still have it.
	if d.agents == nil && to.String() == n.plan.SchedulerAddressOfWorkers().String() {
		link.Gone = func() { n.handle(pool.SchedulerGone{}) }
	}
	return link
}

// resolveAgain gives workers that are started from now on the addresses that names stand for now: a scheduler that is
// found again may be at another one. It is called from the goroutine of the link.
func (n *node) resolveAgain(ctx context.Context, d discovery) {
	if options := n.plan.workerOptions(ctx, n.resolver, d.spoken.Kind); reflect.DeepEqual(options, n.options) {
		return
	}
	// A host that is down takes it when it is there again; the pool must not wait so long for its scheduler.
	limited, cancel := context.WithTimeout(ctx, configureTime)
	defer cancel()
	if _, err := n.configure(limited, d); err != nil && ctx.Err() == nil {
		n.log.Errorf("workers keep the former address of the scheduler: %v", err)
	}
}

// heartbeat is what the manager says of itself.
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

// concurrency is the number for the wire, where -1 has no place: the field is unsigned
// (32 bits, 1.26.0 to 2.9.0), and its largest value is no limit in practice.
func concurrency(configured int64) uint32 {
	if configured < 0 || configured > math.MaxUint32 {
		return math.MaxUint32
	}
	return uint32(configured)
}
