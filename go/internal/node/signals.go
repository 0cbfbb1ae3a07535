package node

import (
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// sameRequest is how long after a signal another one is the same request to stop, not a second one.
const sameRequest = 200 * time.Millisecond

// signals are the requests to stop that were received: the first asks, the second kills. They belong to the loop.
type signals struct {
	received chan os.Signal
	before   os.Signal // nil before the first request
	asked    time.Time
	reopens  bool // SIGHUP has the log files opened anew; else it is a request to stop
}

func newSignals(log *logging.Logger) *signals {
	s := &signals{received: make(chan os.Signal, 8)}
	signal.Notify(s.received, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup, for the workers too
		signal.Notify(s.received, syscall.SIGHUP)
	}
	// A terminal that is closed sends SIGHUP, and so does who rotates logs. Where there is a terminal, or no file to open
	// anew, it ends the manager, as it ends Scaler's own.
	s.reopens = log.OnFile() && !hasTerminal()
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
	case received == syscall.SIGHUP && s.reopens:
		if err := n.log.Reopen(); err != nil {
			n.log.Errorf("cannot open the log anew: %v", err)
		}
		n.run(func() { _ = n.service.Reloaded() }) // it may wait for the service manager
	case s.before == nil:
		s.before, s.asked = received, time.Now()
		n.log.Infof("received %s, stopping", name)
		n.finish(nil, pool.Stop{})
	case s.before == syscall.SIGINT && received == syscall.SIGTERM:
		// Ctrl-C reaches the program `scaler` too, which then sends SIGTERM at once (1.26.0 to 2.9.0): no second request.
		s.before = received
	case time.Since(s.asked) < sameRequest:
		// timeout(1) for one signals the process and then its group; systemd may send SIGTERM and SIGHUP.
	default:
		n.log.Warningf("received %s again, killing what is left", name)
		n.finish(nil, pool.Kill{})
	}
}
