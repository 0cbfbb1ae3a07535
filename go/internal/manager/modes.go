package manager

import (
	"context"
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/session"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

type signaller struct{}

func (signaller) Signal(pid int, s syscall.Signal) error      { return process.Signal(pid, s) }
func (signaller) SignalGroup(pid int, s syscall.Signal) error { return process.SignalGroup(pid, s) }
func (signaller) Gone(pid int) bool                           { return process.Gone(pid) }

// fixed starts all workers at once and ends with the last one. Workers that end because
// the scheduler is gone are not failures of theirs: they are started again when it is back,
// which takes a connection of the manager's own.
func (m *Manager) fixed(ctx context.Context) error {
	count := int(m.config.MaxTaskConcurrency)
	if count == 0 {
		m.log.Warningf("max_task_concurrency is 0: there is nothing to do in fixed mode")
		return nil
	}
	begun := time.Now()
	complete := false
	var before pool.Snapshot
	ends := make(chan struct{}, 1)
	p, hostFailed := m.open(ctx, pool.Options{
		Maximum:    count,
		Replace:    m.config.Restart == "on-failure",
		Constant:   true,
		StopSignal: syscall.SIGTERM, // Scaler's own fixed mode ends workers by Process.terminate
		Changed: func(s pool.Snapshot) {
			if s.Registered == count && !complete {
				complete = true
				m.log.Infof("all %d workers registered after %.2f s", count, time.Since(begun).Seconds())
			}
			if s.Ended != before.Ended || s.Failed != before.Failed {
				wake(ends)
			}
			before = s
		},
	})
	m.log.Infof("starting %d workers as %s", count, m.config.WorkerManagerID)
	p.SetDesired(count)

	link := m.link(m.scheduler)
	found := link.Found
	link.Found = func(another bool) { found(another); wake(ends) }
	watch := session.NewWatch(link)
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan error, 1)
	go func() { watched <- watch.Run(ctx); close(watched) }()
	defer func() { cancel(); <-watched }()
	gone := (<-chan error)(watched)
	for {
		select {
		case <-p.Done():
			return ctx.Err()
		case err := <-hostFailed:
			abandon(p)
			return err
		case err := <-gone:
			if gone = nil; err != nil {
				p.Stop()
				<-p.Done()
				return err
			}
		case <-ends:
			// Asked about every worker that is missing: a scheduler that hangs ends no connection.
			if p.Snapshot().Desired == count || !watch.Probe(ctx) {
				continue
			}
			s := p.Snapshot()
			if !s.Empty() {
				continue
			}
			p.Stop()
			<-p.Done()
			m.log.Infof("all %d workers have ended", count)
			return outcome(s, count)
		}
	}
}

// dynamic follows the scheduler until it is told to stop or the scheduler is gone for good.
func (m *Manager) dynamic(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	heartbeat := m.heartbeat()
	orders := &orders{dialect: m.installed.dialect, capabilities: heartbeat.Capabilities}
	link := m.link(m.config.SchedulerAddress)
	link.First = m.first
	talk := session.New(session.Options{
		Link:      link,
		Codec:     m.installed.codec,
		Heartbeat: heartbeat,
		Interval:  config.Duration(m.config.HeartbeatIntervalSeconds),
		Command:   orders.obey,
	})
	var before pool.Snapshot
	p, hostFailed := m.open(ctx, pool.Options{
		Maximum:    int(m.config.MaxTaskConcurrency),
		Replace:    true,
		StopSignal: syscall.SIGINT, // as Scaler's own dynamic mode
		Cooldown:   config.Duration(m.config.ScaleDownCooldownSeconds),
		Changed: func(s pool.Snapshot) {
			talk.SetStable(s.Settled())
			full := m.config.MaxTaskConcurrency != pool.Unlimited && s.Actual >= int(m.config.MaxTaskConcurrency)
			talk.SetFastHeartbeat(s.Busy == s.Actual && !full)
			if s.Registered != before.Registered || s.Ended != before.Ended {
				talk.HeartbeatNow()
			}
			before = s
		},
	})
	orders.pool = p
	talk.SetFastHeartbeat(m.config.MaxTaskConcurrency != 0) // there is no worker yet, and the pool tells only of changes
	m.log.Infof("serving scheduler %s as %s", m.config.SchedulerAddress, m.config.WorkerManagerID)

	finished := make(chan error, 1)
	go func() { finished <- talk.Run(ctx) }()
	select {
	case err := <-finished:
		p.Stop()
		<-p.Done()
		if err == nil {
			return ctx.Err()
		}
		if errors.Is(err, session.ErrIncompatible) {
			err = fmt.Errorf("%w (installed: Scaler %s, of the %s protocol)", err, m.installed.version, m.installed.dialect)
		}
		return err
	case err := <-hostFailed:
		cancel()
		<-finished
		abandon(p)
		return err
	}
}

// link is the manager's own way to the scheduler at an address. The pool hears of its coming and going.
func (m *Manager) link(to address.Address) session.Link {
	link := session.Link{
		Scheduler:        to,
		Transport:        m.network,
		Identity:         m.installed.identity,
		ReconnectTimeout: config.Duration(m.config.ReconnectTimeoutSeconds),
		Check: func(now transport.Protocol) error {
			if now != m.spoken {
				return fmt.Errorf("the scheduler speaks %s now, and spoke %s when the workers were set up", now, m.spoken)
			}
			return nil
		},
		Found: func(another bool) { m.pool.Load().SchedulerFound(another) },
		Lost:  func() { m.pool.Load().SchedulerLost() },
		Log:   m.log,
	}
	// Workers that have another way to the scheduler may still have it.
	if to.String() == m.config.SchedulerAddressOfWorkers().String() {
		link.Gone = func() { m.pool.Load().SchedulerGone() }
	}
	return link
}

// wake wakes whoever waits for the channel, now or when it comes to that.
func wake(sleeper chan<- struct{}) {
	select {
	case sleeper <- struct{}{}:
	default:
	}
}

// heartbeat is what the manager says of itself.
func (m *Manager) heartbeat() message.Heartbeat {
	heartbeat := message.Heartbeat{
		MaxTaskConcurrency: concurrency(m.config.MaxTaskConcurrency),
		ManagerID:          []byte(m.config.WorkerManagerID),
	}
	for _, c := range m.config.PerWorkerCapabilities {
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
