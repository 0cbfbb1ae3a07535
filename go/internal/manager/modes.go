package manager

import (
	"context"
	"errors"
	"fmt"
	"math"
	"syscall"
	"time"

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
// the scheduler is gone are not failures of theirs: they are started again when it is back.
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
		StopSignal: syscall.SIGTERM, // Scaler's own fixed mode ends workers by Process.terminate
		Changed: func(s pool.Snapshot) {
			if s.Registered == count && !complete {
				complete = true
				m.log.Infof("all %d workers registered after %.2f s", count, time.Since(begun).Seconds())
			}
			if s.Ended != before.Ended || s.Failed != before.Failed {
				select {
				case ends <- struct{}{}:
				default:
				}
			}
			before = s
		},
	})
	m.log.Infof("starting %d workers as %s", count, m.config.WorkerManagerID)
	p.SetDesired(count)
	for {
		select {
		case <-p.Done():
			return ctx.Err()
		case err := <-hostFailed:
			abandon(p)
			return err
		case <-ends:
			if ctx.Err() != nil {
				continue // the pool is stopping
			}
			s := p.Snapshot()
			if s.Desired < count && m.schedulerGone(ctx) {
				m.log.Warningf("the scheduler is gone, and workers with it; waiting for it")
				if _, err := m.findScheduler(ctx); err != nil {
					p.Stop()
					<-p.Done()
					return err
				}
				p.SetDesired(count)
				continue
			}
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

// schedulerGone tells whether nothing listens where the scheduler was.
func (m *Manager) schedulerGone(ctx context.Context) bool {
	_, err := transport.Probe(ctx, m.scheduler, m.network)
	return err != nil && ctx.Err() == nil
}

// dynamic follows the scheduler until it is told to stop or the scheduler is gone for good.
func (m *Manager) dynamic(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	orders := &orders{dialect: m.installed.dialect}
	for _, c := range m.config.PerWorkerCapabilities {
		orders.capabilities = append(orders.capabilities, message.Capability{Name: c.Name, Value: c.Value})
	}
	talk := session.New(session.Options{
		Scheduler: m.config.SchedulerAddress,
		Transport: m.network,
		Identity:  m.installed.identity,
		Codec:     m.installed.codec,
		Heartbeat: message.Heartbeat{
			MaxTaskConcurrency: concurrency(m.config.MaxTaskConcurrency),
			Capabilities:       orders.capabilities,
			ManagerID:          []byte(m.config.WorkerManagerID),
		},
		Interval:         config.Duration(m.config.HeartbeatIntervalSeconds),
		ReconnectTimeout: config.Duration(m.config.ReconnectTimeoutSeconds),
		Check: func(now transport.Protocol) error {
			if now != m.spoken {
				return fmt.Errorf("the scheduler speaks %s now, and spoke %s when the workers were set up", now, m.spoken)
			}
			return nil
		},
		Command: orders.obey,
		Log:     m.log,
	})
	var before pool.Snapshot
	p, hostFailed := m.open(ctx, pool.Options{
		Maximum:    int(m.config.MaxTaskConcurrency),
		Replace:    true,
		StopSignal: syscall.SIGINT, // as Scaler's own dynamic mode
		Cooldown:   config.Duration(m.config.ScaleDownCooldownSeconds),
		Changed: func(s pool.Snapshot) {
			talk.Settled(s.Settled())
			full := m.config.MaxTaskConcurrency != pool.Unlimited && s.Actual >= int(m.config.MaxTaskConcurrency)
			talk.Eager(s.Busy == s.Actual && !full)
			if s.Registered != before.Registered || s.Ended != before.Ended {
				talk.Hurry()
			}
			before = s
		},
	})
	orders.pool = p
	talk.Eager(m.config.MaxTaskConcurrency != 0) // there is no worker yet, and the pool tells only of changes
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

// concurrency is the number for the wire, where -1 has no place: the field is unsigned
// (32 bits, 1.26.0 to 2.9.0), and its largest value is no limit in practice.
func concurrency(configured int64) uint32 {
	if configured < 0 || configured > math.MaxUint32 {
		return math.MaxUint32
	}
	return uint32(configured)
}
