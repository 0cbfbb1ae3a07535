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

// sameRequest is how long after a signal another one is the same request to stop, not a second one.
const sameRequest = 200 * time.Millisecond

// signals are the requests to stop that were received: the first asks, the second kills; where the first one only drains,
// the third does. They belong to the loop.
type signals struct {
	received chan os.Signal
	before   os.Signal // nil before the first request
	asked    time.Time
	draining bool // to end
	stopping bool
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
		return
	case s.before == syscall.SIGINT && received == syscall.SIGTERM:
		// Ctrl-C reaches the program `scaler` too, which then sends SIGTERM at once (1.26.0 to 2.9.0): no second request.
		s.before = received
		return
	case time.Since(s.asked) < sameRequest:
		// timeout(1) for one signals the process and then its group; systemd may send SIGTERM and SIGHUP.
		return
	}
	s.before = received
	n.terminate("received "+name, received == syscall.SIGTERM)
}

// terminate goes a step further towards the end: from work to a drain, where that is wanted, to the end of all workers,
// to their death. gently says whether the request is one that begins with a drain.
func (n *node) terminate(why string, gently bool) {
	s := n.signals
	s.asked = time.Now()
	limit := config.Duration(n.plan.DrainOnTerminateSeconds)
	switch {
	case s.stopping:
		n.log.Warningf("%s again, killing what is left", why)
		n.finish(nil, pool.Kill{})
	case gently && limit > 0 && !s.draining && n.working.Err() == nil:
		s.draining = true
		n.log.Infof("%s, draining for up to %s", why, limit)
		n.run(func() { n.announceDrain(limit) })
		n.drain(limit, true)
	default:
		s.stopping = true
		n.log.Infof("%s, stopping", why)
		n.finish(nil, pool.Stop{})
	}
}
