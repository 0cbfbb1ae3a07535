package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
)

// life runs one host from its start to its exit, in the supervisor's goroutine.
type life struct {
	*Supervisor
	incarnation   int
	host          *host
	configuration *configuration // the last one; nil if there is none
	accepted      *configuration // the last one that the host has accepted
	introduced    bool           // the host has imported Scaler
	ready         bool           // the host is configured
	readyAt       time.Time
	missed        int                     // consecutive unanswered pings
	check         chan<- protocol.Checked // for the answer to a Check; nil if there is none
}

// run runs a host and returns why it exited.
func (l *life) run(ctx context.Context) error {
	h, err := newHost(l.options.Children, l.options.Interpreter.Path)
	if err != nil {
		return err
	}
	l.host = h
	err = l.serve(ctx)
	if l.check != nil {
		close(l.check)
	}
	l.setCurrent(nil)
	switch {
	case ctx.Err() != nil && l.introduced:
		h.end(exitTime)
	case ctx.Err() != nil:
		h.end(0) // it has no workers, and does not read its channel while it imports
	default:
		wait := exitTime // if it exits by itself, its exit status tells more than SIGKILL would
		if !errors.Is(err, ErrGone) {
			wait = 0 // it hangs, or has broken the protocol
		}
		h.end(wait)
		// While it is stuck in the kernel it is still the parent of its workers, and nothing else can tell which are alive.
		select {
		case <-h.child.Done():
		case <-ctx.Done():
		}
		err = l.explain(err)
	}
	if l.ready {
		l.options.Emit(Lost{l.incarnation})
	}
	// Last, when the workers that died with the host have exited.
	if failure := h.removeFiles(); failure != nil {
		l.options.Log.Warningf("cannot remove files of a dead worker: %v", failure)
	}
	return err
}

// serve talks to the host until it is lost or ctx ends.
func (l *life) serve(ctx context.Context) error {
	begun := time.Now()
	if err := l.host.send(l.options.Hello); err != nil {
		return err
	}
	importing := time.NewTimer(l.importTime)
	defer importing.Stop()
	ping := time.NewTicker(l.pingInterval)
	defer ping.Stop()
	for {
		// A configuration waits until the host can accept it.
		configurations := l.configurations
		checks := l.checks
		if !l.introduced {
			configurations = nil
		}
		if !l.introduced || l.check != nil {
			checks = nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case message, open := <-l.host.received:
			if !open {
				return l.host.failure
			}
			l.missed = 0
			if err := l.handle(message); err != nil {
				return err
			}
			if l.introduced && l.Supervisor.importTime == importTime {
				l.Supervisor.importTime = max(l.leastImportTime, importFactor*time.Since(begun))
			}
			if l.ready || l.introduced && l.configuration == nil {
				importing.Stop()
			}
		case c := <-configurations:
			l.configuration = &c
			if !l.ready {
				importing.Reset(l.importTime) // it imports what the transport needs
			}
			if err := l.host.send(c.Configure); err != nil {
				return err
			}
		case c := <-checks:
			l.check = c.answer
			if err := l.host.send(c.Check); err != nil {
				return err
			}
		case <-importing.C:
			return fmt.Errorf("it has not imported Scaler within %.0f s", l.importTime.Seconds())
		case <-ping.C:
			// During an import or its first configuration the host cannot answer. Pings are counted rather than timed, so that
			// a manager that was suspended itself (SIGSTOP, a sleeping laptop) does not blame the host.
			if !l.introduced || l.configuration != nil && !l.ready {
				continue
			}
			if l.missed++; l.missed > pingsMissed {
				l.options.Log.Errorf("the worker host (pid %d) hangs: killing it", l.host.child.Pid)
				return errors.New("it did not answer pings")
			}
			if err := l.host.send(protocol.Ping{}); err != nil {
				return err
			}
		}
	}
}

func (l *life) handle(message protocol.Message) error {
	switch message := message.(type) {
	case protocol.Ready:
		if message.Version != protocol.Version {
			return fmt.Errorf("the worker host speaks protocol version %d, not %d", message.Version, protocol.Version)
		}
		l.introduced = true
		l.host.note(message)
		if l.incarnation == 1 {
			l.Supervisor.introduced <- message
		}
		if l.configuration != nil {
			return l.host.send(l.configuration.Configure)
		}
	case protocol.Configured:
		if l.configuration == nil {
			return fmt.Errorf("%w: Configured without Configure", protocol.ErrFrame)
		}
		if message.Mortal != "" {
			l.options.Log.Debugf("objects of the worker host are not immortal: %s", message.Mortal)
		}
		l.answer(configured{unknown: message.Unknown})
		l.accepted = l.configuration
		if !l.ready {
			l.ready, l.readyAt = true, time.Now()
			l.setCurrent(l.host)
			if l.incarnation > 1 {
				l.options.Log.Infof("another worker host (pid %d) is ready", l.host.child.Pid)
			}
			l.options.Emit(Ready{l.incarnation})
		}
	case protocol.Failed:
		failure := errors.New(message.Error)
		if message.Machine {
			failure = machineError{failure}
		}
		asked := l.configuration != nil && l.configuration.answer != nil
		if !l.introduced || !l.ready && !asked {
			return failure
		}
		l.answer(configured{err: failure})
		if l.ready {
			l.configuration = l.accepted
		}
	case protocol.Checked:
		if l.check != nil {
			l.check <- message
			l.check = nil
		}
	case protocol.Pong:
	default:
		l.host.note(message)
		l.options.Emit(Message{l.incarnation, message})
	}
	return nil
}

// answer answers the last call of Configure.
func (l *life) answer(a configured) {
	if answer := l.configuration.answer; answer != nil {
		answer <- a
		l.configuration.answer = nil
	} else if a.err != nil {
		l.options.Log.Errorf("cannot configure the worker host: %v", a.err)
	}
}

// explain adds to an error how the host exited, and what may help.
func (l *life) explain(err error) error {
	how, exited := l.host.ended()
	if l.ready {
		return fmt.Errorf("%w; %s", err, how)
	}
	switch machine := (machineError{}); {
	case errors.As(err, &machine):
		return fmt.Errorf("cannot start the worker host: %w", err)
	case !errors.Is(err, ErrGone):
	case exited && l.host.child.Status().Signaled():
		// Scaler 2.3.5 and 2.4.0 do that on Python 3.13: their native module recurses without an end.
		err = fmt.Errorf("it crashed without an answer (%s): PYTHONFAULTHANDLER=1 shows where", how)
	case os.Getenv("PYTHONHOME") != "":
		err = fmt.Errorf("it exited without an answer (%s): does PYTHONHOME=%s belong to it?", how, os.Getenv("PYTHONHOME"))
	default:
		err = fmt.Errorf("it exited without an answer (%s): is it Python 3.8 or newer?", how)
	}
	return l.options.Interpreter.Fault(err)
}

// machineError wraps an error that another interpreter would meet as well.
type machineError struct{ error }

func (m machineError) Unwrap() error { return m.error }
