// Package manager puts the parts together: it finds Python, starts the worker host,
// finds the scheduler, runs the pool in fixed or dynamic mode, and stops all of it.
package manager

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/python"
)

// hostFarewell is how long the worker host may take to end once nothing is left for it
// to do, before it is killed.
const hostFarewell = 2 * time.Second

// Manager is one run of a worker manager.
type Manager struct {
	config *config.Config
	argv   []string
	log    *logging.Logger

	reaper   *process.Reaper
	host     *host.Host
	hostGone chan struct{} // closed when the host's process has ended
	hostEnd  syscall.WaitStatus
	pool     atomic.Pointer[pool.Pool] // nil until workers can be started
}

// Run runs a manager until it is told to stop by SIGINT or SIGTERM, or its work is done,
// or cannot be. It leaves no process behind. argv is what workers see as sys.argv. A nil
// error means that it ended as it should.
func Run(configuration *config.Config, argv []string, log *logging.Logger) error {
	defer log.Flush()
	m := &Manager{config: configuration, argv: argv, log: log, hostGone: make(chan struct{})}
	if err := process.BecomeSubreaper(); err != nil {
		log.Warningf("%v: what tasks detach from their worker may outlive it", err)
	}
	m.reaper = process.NewReaper()
	defer m.reaper.Close()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	defer signal.Stop(signals)
	finished := make(chan struct{})
	defer close(finished)
	go m.obey(cancel, signals, finished)

	option := configuration.Python
	if configuration.Origin("python").Source == config.FromEnvironment {
		option = "" // Find reads the environment itself, and says so
	}
	interpreter, err := python.Find(option, os.LookupEnv)
	if err != nil {
		return err
	}
	if m.host, err = host.Start(interpreter.Path); err != nil {
		return err
	}
	watching := make(chan struct{})
	stopWatching := make(chan struct{})
	go m.watch(watching, stopWatching)
	err = m.work(ctx, interpreter)
	m.host.Close()
	select {
	case <-m.hostGone:
	case <-time.After(hostFarewell):
	}
	close(stopWatching)
	<-watching
	m.sweep()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// obey turns signals into the end of ctx and of the pool: the first asks, the second kills.
func (m *Manager) obey(cancel func(), signals <-chan os.Signal, done <-chan struct{}) {
	for first := true; ; first = false {
		var received os.Signal
		select {
		case received = <-signals:
		case <-done:
			return
		}
		p := m.pool.Load()
		switch {
		case first:
			m.log.Infof("received %s, stopping", describeSignal(received))
			cancel()
			if p != nil {
				p.Stop()
			}
		default:
			m.log.Warningf("received %s again, killing what is left", describeSignal(received))
			if p != nil {
				p.Kill()
			}
		}
	}
}

// watch hands on the ends of children until it is stopped.
func (m *Manager) watch(done chan<- struct{}, stop <-chan struct{}) {
	defer close(done)
	for {
		select {
		case exit := <-m.reaper.Exits():
			if exit.Pid == m.host.Pid {
				m.hostEnd = exit.Status
				close(m.hostGone)
			} else if p := m.pool.Load(); p != nil {
				p.HandleExit(exit.Pid, exit.Status)
			}
		case <-stop:
			return
		}
	}
}

// sweep kills what is left of the host and waits for its remains, which are now ours.
func (m *Manager) sweep() {
	if m.reaper.AwaitNone(hostFarewell) {
		return
	}
	_ = process.SignalGroup(m.host.Pid, syscall.SIGKILL)
	if !m.reaper.AwaitNone(hostFarewell) {
		m.log.Warningf("some process is left that does not end")
	}
}

// work is everything between the start of the host and its end.
func (m *Manager) work(ctx context.Context, interpreter python.Interpreter) error {
	// A signal must not wait for the host: the end of its channel ends every question.
	stop := context.AfterFunc(ctx, func() {
		if m.pool.Load() == nil {
			m.host.Close()
		}
	})
	defer stop()

	greeted := make(chan error, 1)
	var ready protocol.Ready
	go func() {
		hello := protocol.Hello{Argv: m.argv, ProcessName: "baremetal_native", Imports: m.config.WarmImports}
		if hello.Imports == nil {
			hello.Imports = []string{}
		}
		var err error
		ready, err = m.host.Hello(hello)
		greeted <- err
	}()
	if err := m.hostError(ctx, <-greeted, interpreter); err != nil {
		return err
	}
	m.log.SetStyle(style(ready.Log))
	m.log.Infof("Python %s at %s (%s), Scaler %s", ready.Python, interpreter.Path, interpreter.Reason, ready.Scaler)
	for name, reason := range ready.NotImported {
		m.log.Warningf("cannot import %s ahead: %s", name, reason)
	}
	if ready.NoFork != "" {
		m.log.Warningf("workers are not forked but spawned, as Scaler does, which is slow and takes more memory: %s", ready.NoFork)
	}
	installed, err := newRelease(ready)
	if err != nil {
		return err
	}
	network, err := m.transportOptions(installed)
	if err != nil {
		return err
	}
	spoken, err := m.findScheduler(ctx, installed, network)
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	unknown, err := m.host.Configure(protocol.Configure{
		Options:     workerOptions(m.config),
		Environment: installed.environment(spoken, os.LookupEnv),
	})
	if err := m.hostError(ctx, err, interpreter); err != nil {
		return err
	}
	for _, name := range unknown {
		if m.config.Origin(name).Source != config.FromDefault {
			m.log.Warningf("Scaler %s has no %s; it is left out", ready.Scaler, name)
		}
	}
	if m.config.Fixed() {
		return m.fixed(ctx)
	}
	return m.dynamic(ctx, installed, network, spoken)
}

// hostError explains a failed question to the host.
func (m *Manager) hostError(ctx context.Context, err error, interpreter python.Interpreter) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, host.ErrGone):
		select {
		case <-m.hostGone:
			return fmt.Errorf("cannot use %s (%s): it ended (%s) before it could serve workers: is it a Python interpreter of version 3.8 or newer?",
				interpreter.Path, interpreter.Reason, process.Describe(m.hostEnd))
		case <-time.After(hostFarewell):
		}
	}
	return fmt.Errorf("cannot use %s (%s): %w", interpreter.Path, interpreter.Reason, err)
}

func describeSignal(s os.Signal) string {
	if s == syscall.SIGINT {
		return "SIGINT"
	}
	return "SIGTERM"
}
