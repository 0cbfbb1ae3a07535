package manager

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// work is everything between the start of the host and its end.
func (m *Manager) work(ctx context.Context) error {
	// A signal must not wait for the host: the end of its channel ends every question.
	stop := context.AfterFunc(ctx, func() {
		if h := m.keeper.host(); h != nil && m.pool.Load() == nil {
			h.Close()
		}
	})
	defer stop()

	if err := m.prepare(); err != nil {
		return err
	}
	announced := m.announce(ctx)
	ready, err := m.keeper.start(ctx)
	early := announced()
	if early != nil {
		defer early.connection.Close()
	}
	if err != nil {
		return err
	}
	if err := m.learn(ready); err != nil {
		return err
	}
	if early != nil && early.release.alike(m.installed) {
		m.first, m.network.Identity = early.connection, early.identity
	}
	if m.spoken, err = m.findScheduler(ctx); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	m.keeper.configure = protocol.Configure{
		Options:     m.workerOptions(ctx),
		Environment: m.installed.environment(m.spoken, os.LookupEnv),
	}
	unknown, err := m.keeper.setUp(ctx)
	if err != nil {
		return err
	}
	for _, name := range unknown {
		if m.config.Origin(name).Source != config.FromDefault {
			m.log.Warningf("Scaler %s has no %s; it is left out", m.installed.version, name)
		}
	}
	if m.config.Fixed() {
		return m.fixed(ctx)
	}
	return m.dynamic(ctx)
}

// learn takes in what the host has found.
func (m *Manager) learn(ready protocol.Ready) (err error) {
	m.log.SetStyle(style(ready.Log))
	interpreter := m.keeper.interpreter
	m.log.Infof("Python %s at %s (%s), Scaler %s", ready.Python, interpreter.Path, interpreter.Reason, ready.Scaler)
	for name, reason := range ready.NotImported {
		m.log.Warningf("cannot import %s ahead: %s", name, reason)
	}
	if ready.NoFork != "" {
		m.log.Warningf("workers are not forked but spawned, as Scaler does, which is slow and takes more memory: %s", ready.NoFork)
	}
	if m.installed, err = newRelease(ready); err != nil {
		return err
	}
	m.network.Identity = m.installed.identity()
	return nil
}

// open makes the pool, and keeps a host for it. The channel tells why there is none any more.
func (m *Manager) open(ctx context.Context, options pool.Options) (*pool.Pool, <-chan error) {
	options.Launcher, options.Signaller, options.Log = m.keeper, signaller{}, m.log
	options.StopTimeout = config.Duration(m.config.StopTimeoutSeconds)
	options.DrainTimeout = config.Duration(m.config.DrainTimeoutSeconds)
	options.Settings = m.settings
	states := make(chan pool.Snapshot, 1)
	changed := options.Changed
	options.Changed = func(s pool.Snapshot) {
		changed(s)
		select { // the newest one counts
		case <-states:
		default:
		}
		states <- s
	}
	options.Abandoned = func(identity string, farewell []byte) {
		m.farewells.Add(1)
		go m.takeLeave(ctx, identity, farewell)
	}
	p := pool.New(options)
	go p.Run()
	m.pool.Store(p)
	if ctx.Err() != nil { // the signal came before there was a pool to tell
		p.Stop()
	}
	_ = m.service.Ready()
	go m.tell(states, p)
	go m.watchdog(ctx, p)
	go m.guard(ctx, p)
	go m.rouse(ctx, p)
	failed := make(chan error, 1)
	go func() {
		if err := m.keeper.serve(ctx, p); err != nil {
			failed <- err
		}
	}()
	return p, failed
}

// every calls f at an interval until ctx or the pool ends.
func every(ctx context.Context, p *pool.Pool, interval time.Duration, f func()) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.Done():
			return
		case <-ticker.C:
			f()
		}
	}
}

// abandon ends a pool that has no host any more.
func abandon(p *pool.Pool) {
	p.Kill()
	select {
	case <-p.Done():
	case <-time.After(farewellTime): // where orphans are not handed to the manager, nobody tells of their ends
	}
}

// outcome is what a pool that has ended by itself means.
func outcome(s pool.Snapshot, count int) error {
	if s.Failed >= count {
		return fmt.Errorf("all %d workers failed", count)
	}
	return nil
}
