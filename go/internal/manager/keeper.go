package manager

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/python"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

const (
	// farewellTime is how long the worker host may take to end once nothing is left for it to do,
	// before it is killed.
	farewellTime = 2 * time.Second

	// pingInterval is how often a host is asked for a sign of life, pingsMissed after how many
	// of them without one it is taken for hung and killed.
	pingInterval = 5 * time.Second
	pingsMissed  = 3

	// hostPatience is how long hosts may die young or not come to be, one after the other, before there is no further
	// one: longer than a shortage of processes, descriptors or memory usually is.
	hostPatience = 5 * time.Minute
)

// ErrHostDied is returned when the worker host died and none that lives could be started.
var ErrHostDied = errors.New("the worker host died again and again")

// keeper keeps a worker host running. It is the pool's launcher.
type keeper struct {
	manager     *Manager
	interpreter python.Interpreter
	hello       protocol.Hello
	configure   protocol.Configure
	patience    time.Duration // hostPatience but for tests

	mu      sync.Mutex // guards below
	current *host.Host
	end     *ending // of current

	sockets map[int][]string // of serve's goroutine: what workers of the present host leave behind, by pid
}

// start runs a host and introduces the manager.
func (k *keeper) start(ctx context.Context) (protocol.Ready, error) {
	k.mu.Lock()
	if err := ctx.Err(); err != nil {
		k.mu.Unlock()
		return protocol.Ready{}, err
	}
	h, end, err := k.manager.startHost(k.interpreter.Path)
	if err != nil {
		k.mu.Unlock()
		return protocol.Ready{}, err
	}
	k.current, k.end = h, end
	k.mu.Unlock()
	ready, err := h.Hello(k.hello)
	return ready, k.explain(ctx, err)
}

// setUp tells the host how workers are to be, and returns the options that it does not have.
func (k *keeper) setUp(ctx context.Context) ([]string, error) {
	unknown, err := k.host().Configure(k.configure)
	return unknown, k.explain(ctx, err)
}

func (k *keeper) host() *host.Host {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.current
}

// Send gives the present host a message.
func (k *keeper) Send(message protocol.Message) error { return k.host().Send(message) }

// close lets the host end, or kills it.
func (k *keeper) close() {
	k.mu.Lock()
	h, end := k.current, k.end
	k.mu.Unlock()
	if h == nil {
		return
	}
	h.Close()
	select {
	case <-end.done:
	case <-time.After(farewellTime):
		k.kill(h)
	}
}

// serve hands the host's messages to the pool until the pool is done, with a new host for one that died.
func (k *keeper) serve(ctx context.Context, p *pool.Pool) error {
	var failing time.Time // since when no host lives
	for deaths := 0; ; {
		begun := time.Now()
		err := k.receive(p)
		select {
		case <-p.Done():
			return nil
		default:
		}
		h := k.host()
		k.kill(h) // one that hangs or talks nonsense is no better than a dead one
		h.Close()
		how, _ := k.howItEnded()
		k.manager.log.Errorf("the worker host (pid %d) is lost, and its workers with it (%v; %s); starting another one", h.Pid, err, how)
		p.HostLost(process.Adopts)
		k.removeSockets()
		if deaths == 0 || time.Since(begun) > worker.Young {
			deaths, failing = 0, time.Now()
		}
		for {
			if deaths++; time.Since(failing) > k.patience {
				return ErrHostDied
			}
			select {
			case <-ctx.Done():
				return nil // nobody is to be started any more
			case <-p.Done():
				return nil
			case <-time.After(worker.Backoff(deaths)):
			}
			if err := k.restart(ctx); err == nil {
				break
			} else if ctx.Err() == nil {
				k.manager.log.Errorf("cannot start another worker host: %v", err)
			}
		}
		k.manager.log.Infof("another worker host (pid %d) is ready", k.host().Pid)
		p.HostReady()
	}
}

func (k *keeper) restart(ctx context.Context) error {
	before := k.host()
	_, err := k.start(ctx)
	if err == nil {
		_, err = k.setUp(ctx)
	}
	if h := k.host(); err != nil && h != before {
		h.Close() // it ends by that
	}
	return err
}

// receive reads one host until it is gone or hangs.
func (k *keeper) receive(p *pool.Pool) error {
	h := k.host()
	heard := make(chan struct{}, 1)
	done := make(chan struct{})
	defer close(done)
	go k.ping(h, heard, done)
	for {
		message, err := h.Receive()
		if err != nil {
			return err
		}
		select {
		case heard <- struct{}{}:
		default:
		}
		switch message := message.(type) {
		case protocol.Socket:
			k.sockets[message.Pid] = append(k.sockets[message.Pid], message.Path)
			continue
		case protocol.Exited: // the host removes it when it reaps
			delete(k.sockets, message.Pid)
		}
		p.Handle(message)
	}
}

// removeSockets clears up for a host that died.
func (k *keeper) removeSockets() {
	for _, path := range slices.Concat(slices.Collect(maps.Values(k.sockets))...) {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			k.manager.log.Warningf("cannot remove what a worker left: %v", err)
		}
	}
	clear(k.sockets)
}

// ping kills a host that gives no sign of life. It counts missed pings and not time, so that a
// manager that was stopped itself (SIGSTOP, a sleeping laptop) does not blame the host for it.
func (k *keeper) ping(h *host.Host, heard <-chan struct{}, done <-chan struct{}) {
	ticker := time.NewTicker(pingInterval)
	defer ticker.Stop()
	for missed := 0; ; {
		select {
		case <-done:
			return
		case <-heard:
			missed = 0
		case <-ticker.C:
			if missed++; missed > pingsMissed {
				k.manager.log.Errorf("the worker host (pid %d) hangs: killing it", h.Pid)
				k.kill(h)
				return
			}
			// Elsewhere, because a host that hangs does not read either.
			go func() { _ = h.Send(protocol.Ping{}) }()
		}
	}
}

// kill kills a host, and not its process group: in that is the resource tracker of Python's multiprocessing,
// which removes the semaphores of dead processors when the last of its users has ended, and then ends.
func (k *keeper) kill(h *host.Host) {
	if err := process.Signal(h.Pid, syscall.SIGKILL); err != nil {
		k.manager.log.Errorf("cannot kill the worker host (pid %d): %v", h.Pid, err)
	}
}

// explain says why a question to the host failed, with how it ended if it did.
func (k *keeper) explain(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil {
		return errors.Join(err, ctx.Err())
	}
	if errors.Is(err, host.ErrGone) {
		if how, ended := k.howItEnded(); ended {
			return fmt.Errorf("cannot use %s (%s): it ended without an answer (%s): is it Python 3.8 or newer?", k.interpreter.Path, k.interpreter.Reason, how)
		}
	}
	return fmt.Errorf("cannot use %s (%s): %w", k.interpreter.Path, k.interpreter.Reason, err)
}

// howItEnded says how the present host ended, if it does so soon.
func (k *keeper) howItEnded() (how string, ended bool) {
	k.mu.Lock()
	end := k.end
	k.mu.Unlock()
	select {
	case <-end.done:
		return process.Describe(end.status), true
	case <-time.After(farewellTime):
		return "still there", false
	}
}
