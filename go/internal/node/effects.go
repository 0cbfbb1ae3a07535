package node

import (
	"errors"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// workerEvent translates a message of the worker host, nil if it is not for the pool.
func workerEvent(message protocol.Message) pool.Event {
	switch message := message.(type) {
	case protocol.Started:
		return pool.Started{
			Worker: message.Worker, Pid: message.Pid, Identity: message.Identity, Disconnect: message.Disconnect,
		}
	case protocol.Refused:
		return pool.Refused{Worker: message.Worker, Err: errors.New(message.Error)}
	case protocol.Registered:
		return pool.Registered{Worker: message.Worker}
	case protocol.Busy:
		return pool.Busy{Worker: message.Worker}
	case protocol.Idle:
		return pool.Idle{Worker: message.Worker}
	case protocol.Exited:
		return pool.Exited{Pid: message.Pid, Status: syscall.WaitStatus(message.Status)}
	}
	return nil
}

// execute carries out an effect of the pool.
func (n *node) execute(effect pool.Effect) {
	switch effect := effect.(type) {
	case pool.Start:
		settings, err := n.settings(effect.Slot)
		if err != nil {
			n.post(func() { n.apply(pool.Refused{Worker: effect.Worker, Err: err}) })
			return
		}
		n.send(protocol.Start{Worker: effect.Worker, Settings: settings})
	case pool.Track:
		n.children.Track(effect.Pid)
	case pool.Terminate:
		if n.agents != nil {
			n.agents.Terminate(effect.Worker)
			return
		}
		if err := n.children.SignalTracked(effect.Pid, n.stopSignal); err != nil {
			n.logOf(effect.Identity, effect.Pid).Errorf(
				"cannot signal worker %s (pid %d): %v", effect.Identity, effect.Pid, err)
		}
	case pool.DrainWorker:
		n.agents.Drain(effect.Worker)
	case pool.UndrainWorker:
		n.agents.Undrain(effect.Worker)
	case pool.KillGroup:
		if err := n.children.KillGroup(effect.Pid); err != nil {
			n.logOf(effect.Identity, effect.Pid).Errorf(
				"cannot kill the process group of worker %s (pid %d): %v", effect.Identity, effect.Pid, err)
		}
	case pool.Reap:
		// Before the pid is reaped, while the process group is certainly the worker's.
		if err := n.children.KillGroup(effect.Pid); err != nil {
			n.logOf("", effect.Pid).Errorf("cannot kill the rest of process group %d: %v", effect.Pid, err)
		}
		n.children.Untrack(effect.Pid)
		delete(n.processors, effect.Worker)
		n.send(protocol.Reap{Pid: effect.Pid})
	case pool.Freed:
		n.freeCgroup(effect)
	case pool.Disconnect:
		if n.agents != nil && !effect.Unheard {
			return // native agents disconnect their workers themselves
		}
		if d := n.disconnect; d != nil {
			n.run(func() { d.disconnect(n.workContext, effect.Identity, effect.Frame) })
		}
	case pool.Notice:
		n.journal.Add(state.Event{
			Kind: workerKinds[effect.Kind], Worker: effect.Identity, Pid: effect.Pid, Text: effect.Text,
		})
	case pool.Answer:
		effect.Request.(*request).respond(effect)
	case pool.Log:
		n.log.With(effect.Fields).Logf(effect.Level, effect.Format, effect.Arguments...)
	}
}

// logOf returns the logger for lines about a worker.
func (n *node) logOf(identity string, pid int) *logging.Logger {
	return n.log.With(logging.Fields{Worker: identity, Pid: pid})
}

func (n *node) send(message protocol.Message) {
	if err := n.host.Send(message); err != nil {
		n.log.Errorf("cannot send to the worker host: %v", err)
	}
}
