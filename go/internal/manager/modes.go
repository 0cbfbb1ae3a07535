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

// ErrHostDied is returned when the worker host ended before its workers.
var ErrHostDied = errors.New("the worker host died, and its workers with it")

type signaller struct{}

func (signaller) Signal(pid int, s syscall.Signal) error      { return process.Signal(pid, s) }
func (signaller) SignalGroup(pid int, s syscall.Signal) error { return process.SignalGroup(pid, s) }

// open makes the pool and feeds it. The channel tells that the host has ended.
func (m *Manager) open(ctx context.Context, options pool.Options) (*pool.Pool, <-chan struct{}) {
	options.Launcher, options.Signaller, options.Log = m.host, signaller{}, m.log
	options.StopTimeout = config.Duration(m.config.StopTimeoutSeconds)
	p := pool.New(options)
	go p.Run()
	m.pool.Store(p)
	if ctx.Err() != nil { // the signal came before there was a pool to tell
		p.Stop()
	}
	silent := make(chan struct{})
	go func() {
		defer close(silent)
		for {
			message, err := m.host.Receive()
			if err != nil {
				return
			}
			p.Handle(message)
		}
	}()
	return p, silent
}

// fixed starts all workers at once and ends with the last one.
func (m *Manager) fixed(ctx context.Context) error {
	count := int(m.config.MaxTaskConcurrency)
	if count == 0 {
		m.log.Warningf("max_task_concurrency is 0: there is nothing to do in fixed mode")
		return nil
	}
	begun := time.Now()
	ended := make(chan pool.Snapshot, 1)
	complete := false
	p, hostSilent := m.open(ctx, pool.Options{
		Maximum:    count,
		StopSignal: syscall.SIGTERM, // Scaler's own fixed mode ends workers by Process.terminate
		Changed: func(s pool.Snapshot) {
			if s.Registered == count && !complete {
				complete = true
				m.log.Infof("all %d workers registered after %.2f s", count, time.Since(begun).Seconds())
			}
			if s.Actual+s.Stopping == 0 && s.Ended+s.Failed > 0 {
				select {
				case ended <- s:
				default:
				}
			}
		},
	})
	m.log.Infof("starting %d workers as %s", count, m.config.WorkerManagerID)
	p.SetDesired(count)
	select {
	case <-p.Done():
		return ctx.Err()
	case s := <-ended:
		p.Stop()
		<-p.Done()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case s.Failed >= count:
			return fmt.Errorf("all %d workers failed", count)
		}
		m.log.Infof("all %d workers have ended", count)
		return nil
	case <-hostSilent:
		return m.hostDied(p)
	}
}

// dynamic follows the scheduler until it is told to stop or the scheduler is gone for good.
func (m *Manager) dynamic(ctx context.Context, installed release, network transport.Options, spoken transport.Protocol) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var talk *session.Session
	var before pool.Snapshot
	p, hostSilent := m.open(ctx, pool.Options{
		Maximum:    int(m.config.MaxTaskConcurrency),
		Replace:    true,
		StopSignal: syscall.SIGINT, // as Scaler's own dynamic mode
		Cooldown:   config.Duration(m.config.ScaleDownCooldownSeconds),
		Changed: func(s pool.Snapshot) {
			talk.Settled(s.Settled())
			if s.Registered != before.Registered || s.Ended != before.Ended {
				talk.Hurry()
			}
			before = s
		},
	})
	orders := &orders{pool: p, dialect: installed.dialect}
	for _, c := range m.config.PerWorkerCapabilities {
		orders.capabilities = append(orders.capabilities, message.Capability{Name: c.Name, Value: c.Value})
	}
	talk = session.New(session.Options{
		Scheduler: m.config.SchedulerAddress,
		Transport: network,
		Codec:     installed.codec,
		Heartbeat: message.Heartbeat{
			MaxTaskConcurrency: concurrency(m.config.MaxTaskConcurrency),
			Capabilities:       orders.capabilities,
			ManagerID:          []byte(m.config.WorkerManagerID),
		},
		Interval:         config.Duration(m.config.HeartbeatIntervalSeconds),
		ReconnectTimeout: config.Duration(m.config.ReconnectTimeoutSeconds),
		Check: func(now transport.Protocol) error {
			if now != spoken {
				return fmt.Errorf("the scheduler speaks %s now, and spoke %s when the workers were set up", now, spoken)
			}
			return nil
		},
		Command: orders.obey,
		Log:     m.log,
	})
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
			err = fmt.Errorf("%w (installed: Scaler %s, of the %s protocol)", err, installed.version, installed.dialect)
		}
		return err
	case <-hostSilent:
		cancel()
		<-finished
		return m.hostDied(p)
	}
}

// hostDied clears up after a host that ended before its workers.
func (m *Manager) hostDied(p *pool.Pool) error {
	p.Kill()
	select {
	case <-p.Done():
	case <-time.After(hostFarewell): // where orphans are not handed to the manager, nobody tells of their ends
	}
	return ErrHostDied
}

// concurrency is the number for the wire, where -1 has no place: the field is unsigned
// (32 bits, 1.26.0 to 2.9.0), and its largest value is no limit in practice.
func concurrency(configured int64) uint32 {
	if configured < 0 || configured > math.MaxUint32 {
		return math.MaxUint32
	}
	return uint32(configured)
}
