package node

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// known is what the status tells beside what the pool and the agents know. It belongs to the loop.
type known struct {
	started    time.Time
	ready      protocol.Ready // zero before Python is usable
	spoken     string         // protocol of the scheduler; empty before that is known
	agent      string         // kind; empty before that is known
	whyAgent   string
	connected  bool
	found      bool // there was a connection before
	reconnects uint64
	hostLosses int
	killed     int            // processes, for their worker's limit of memory
	recycled   map[string]int // processors by why they were replaced: agent.RetiredBy...
}

func (k *known) chose(spoken transport.Protocol, native bool, why string) {
	k.spoken, k.agent, k.whyAgent = spoken.String(), agentScaler, why
	if native {
		k.agent = agentNative
	}
}

// connected notes that the manager has a connection to the scheduler, or has lost it.
func (n *node) connected(is bool) {
	k := &n.known
	if is == k.connected {
		return
	}
	k.connected = is
	event := state.Event{Kind: state.SchedulerLost, Text: n.plan.scheduler.String()}
	if is {
		event.Kind = state.SchedulerFound
		if k.found {
			k.reconnects++
		}
		k.found = true
	}
	n.journal.Add(event)
}

// reason is what a run ends with, for people.
func reason(err error) string {
	if err == nil {
		return "as asked"
	}
	return err.Error()
}

var workerKinds = map[pool.Kind]string{
	pool.WorkerStarted:    state.WorkerStarted,
	pool.WorkerRegistered: state.WorkerRegistered,
	pool.WorkerDraining:   state.WorkerDraining,
	pool.WorkerStopped:    state.WorkerStopped,
	pool.WorkerDied:       state.WorkerDied,
	pool.WorkerRefused:    state.WorkerRefused,
}
