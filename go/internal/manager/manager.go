// Package manager puts the parts together: it finds Python, keeps a worker host, finds
// the scheduler, runs the pool in fixed or dynamic mode, and stops all of it.
package manager

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/notify"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/python"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// sameRequest is how long after a signal another one of its kind is the same request to stop, not a second one.
const sameRequest = 200 * time.Millisecond

// spareThreads are for what blocks in the kernel, files and starts of processes, beside those that compute.
const spareThreads = 8

// Manager is one run of a worker manager.
type Manager struct {
	config *config.Config
	log    *logging.Logger
	reaper *process.Reaper
	keeper *keeper
	pool   atomic.Pointer[pool.Pool] // nil until workers can be started

	// What is learnt on the way, before the pool is opened.
	scheduler address.Address // where the workers find it
	network   transport.Options
	installed release
	first     transport.Conn // one that was made early, for the session to go on with; may be nil
	spoken    transport.Protocol

	settings  func(slot int) protocol.Settings
	service   *notify.Notifier
	farewells sync.WaitGroup

	mu    sync.Mutex      // guards hosts
	hosts map[int]*ending // worker hosts that have not ended, by pid
}

// ending is the end of a process, once done is closed.
type ending struct {
	done   chan struct{}
	status syscall.WaitStatus
}

// Run runs a manager until it is told to stop by SIGINT or SIGTERM, or its work is done,
// or cannot be. It leaves no process behind. caller is what workers take for the program
// that they run in. A nil error means that it ended as it should.
func Run(configuration *config.Config, caller protocol.Program, log *logging.Logger) error {
	defer log.Flush()
	m := &Manager{config: configuration, log: log, hosts: map[int]*ending{}, service: notify.New()}
	process.ReserveThreads(runtime.GOMAXPROCS(0) + spareThreads)
	if err := process.BecomeSubreaper(); err != nil {
		log.Warningf("%v: what tasks detach from their worker may outlive it", err)
	}
	m.reaper = process.NewReaper()
	defer m.reaper.Close()

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup, for the workers too
		signal.Notify(signals, syscall.SIGHUP)
	}
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
	imports := append([]string{}, configuration.WarmImports...)
	m.keeper = &keeper{
		manager:     m,
		interpreter: interpreter,
		patience:    hostPatience,
		sockets:     map[int][]string{},
		hello:       protocol.Hello{Program: caller, ProcessName: config.ManagerType, Imports: imports},
	}
	watched, stopWatching := make(chan struct{}), make(chan struct{})
	go m.watch(watched, stopWatching)
	err = m.work(ctx)
	_ = m.service.Stopping()
	m.keeper.close()
	m.farewells.Wait()
	close(stopWatching)
	<-watched
	m.sweep()
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// obey turns signals into the end of ctx and of the pool: the first asks, the second kills.
func (m *Manager) obey(cancel func(), signals <-chan os.Signal, finished <-chan struct{}) {
	var before os.Signal
	var asked time.Time
	for {
		var received os.Signal
		select {
		case received = <-signals:
		case <-finished:
			return
		}
		p := m.pool.Load()
		switch {
		case received == syscall.SIGHUP:
			if err := m.log.Reopen(); err != nil {
				m.log.Errorf("cannot open the log anew: %v", err)
			}
		case before == nil:
			before, asked = received, time.Now()
			m.log.Infof("received %s, stopping", process.SignalName(received.(syscall.Signal)))
			cancel()
			if p != nil {
				p.Stop()
			}
		case before == syscall.SIGINT && received == syscall.SIGTERM:
			// Ctrl-C reaches the program `scaler` too, which then sends SIGTERM at once (1.26.0 to 2.9.0): no second request.
			before = received
		case received == before && time.Since(asked) < sameRequest:
			// timeout(1) for one signals the process and then its group.
		default:
			m.log.Warningf("received %s again, killing what is left", process.SignalName(received.(syscall.Signal)))
			if p != nil {
				p.Kill()
			}
		}
	}
}

// startHost runs a worker host whose end is told by the ending.
func (m *Manager) startHost(interpreter string) (*host.Host, *ending, error) {
	// Held over the start, so that the end cannot be noticed before the pid is known.
	m.mu.Lock()
	defer m.mu.Unlock()
	h, err := host.Start(interpreter)
	if err != nil {
		return nil, nil, err
	}
	m.hosts[h.Pid] = &ending{done: make(chan struct{})}
	return h, m.hosts[h.Pid], nil
}

// watch hands on the ends of children until it is stopped.
func (m *Manager) watch(done chan<- struct{}, stop <-chan struct{}) {
	defer close(done)
	for {
		select {
		case exit := <-m.reaper.Exits():
			m.mu.Lock()
			end := m.hosts[exit.Pid]
			delete(m.hosts, exit.Pid)
			m.mu.Unlock()
			if end != nil {
				end.status = exit.Status
				close(end.done)
			} else if p := m.pool.Load(); p != nil {
				p.HandleExit(exit.Pid, exit.Status)
			}
		case <-stop:
			return
		}
	}
}

// sweep waits for what is left and is ours now: processes that ended with the host, and what tasks have
// detached from their workers, which is killed.
func (m *Manager) sweep() {
	// The resource tracker of the host ends by itself when the last of its users has.
	if m.reaper.AwaitNone(farewellTime / 4) {
		return
	}
	for range 8 { // a process that is killed may leave children of its own
		for _, pid := range process.Children() {
			m.log.Warningf("killing process %d, which a task left behind", pid)
			_ = process.Signal(pid, syscall.SIGKILL)
		}
		if m.reaper.AwaitNone(farewellTime / 4) {
			return
		}
	}
	m.log.Warningf("some process is left that does not end")
}
