package node

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// duplicateWindow: signals that come so close together count as one request.
const duplicateWindow = 200 * time.Millisecond

// signals holds the state of requests to stop. The first one stops and the second kills; if the first only drains, the
// second stops and the third kills. Only the loop uses it.
type signals struct {
	received   chan os.Signal
	last       os.Signal // the last one; nil before the first
	askedAt    time.Time
	draining   bool // in order to end
	stopping   bool
	reopenLogs bool // SIGHUP reopens the log files; otherwise it stops the manager
}

func newSignals(log *logging.Logger) *signals {
	s := &signals{received: make(chan os.Signal, 8)}
	signal.Notify(s.received, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it, for the workers, too
		signal.Notify(s.received, syscall.SIGHUP)
	}
	// Without this, a write to a standard output that nobody reads any more would end the manager (os/signal), and all
	// tasks with it. Ignoring the signal would be inherited.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	// SIGHUP is sent both by a terminal that is closed and by log rotation. With a terminal, or without a log file, it
	// stops the manager, as it does Scaler's own.
	s.reopenLogs = log.OnFile() && !hasTerminal()
	return s
}

func hasTerminal() bool {
	terminal, err := os.Open("/dev/tty")
	if err != nil {
		return false
	}
	terminal.Close()
	return true
}

func (s *signals) stop() { signal.Stop(s.received) }

func (n *node) handleSignal(received os.Signal) {
	s, name := n.signals, process.SignalName(received.(syscall.Signal))
	switch {
	case received == syscall.SIGHUP && s.reopenLogs:
		if err := n.log.Reopen(); err != nil {
			n.log.Errorf("cannot reopen the log: %v", err)
		}
		n.run(func() { _ = n.service.Reloaded() }) // may block on the service manager
		return
	case s.last == syscall.SIGINT && received == syscall.SIGTERM:
		// Ctrl-C also reaches the program `scaler`, which then sends SIGTERM at once (1.26.0 to 2.9.0).
		s.last = received
		return
	case time.Since(s.askedAt) < duplicateWindow:
		// timeout(1) signals the process and then its group; systemd may send SIGTERM and SIGHUP.
		return
	}
	s.last = received
	n.terminate("received "+name, received == syscall.SIGTERM)
}

// terminate takes the next step towards the end: drain if configured and gently is set, then stop, then kill.
func (n *node) terminate(why string, drainFirst bool) {
	s := n.signals
	s.askedAt = time.Now()
	limit := config.Duration(n.plan.DrainOnTerminateSeconds)
	switch {
	case s.stopping:
		n.log.Warningf("%s again, killing what is left", why)
		n.finish(nil, pool.Kill{})
	case drainFirst && limit > 0 && !s.draining && n.workContext.Err() == nil:
		s.draining = true
		n.log.Infof("%s, draining for up to %s", why, limit)
		n.run(func() { n.notifyDrain(limit) })
		n.drain(limit, true)
	default:
		s.stopping = true
		n.log.Infof("%s, stopping", why)
		n.finish(nil, pool.Stop{})
	}
}
