package node

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// known holds what the status reports apart from the pool and the agents. Only the loop uses it.
type known struct {
	started    time.Time
	ready      protocol.Ready // zero until Python is usable
	spoken     string         // protocol of the scheduler; empty until known
	agent      string         // native or scaler; empty until known
	whyAgent   string         // the warning of chooseAgent
	connected  bool
	found      bool // it has been connected before
	reconnects uint64
	hostLosses int
	killed     int            // processes killed for their worker's memory limit
	recycled   map[string]int // replaced processors by agent.RetiredBy...
}

func (k *known) setAgent(spoken transport.Protocol, native bool, why string) {
	k.spoken, k.agent, k.whyAgent = spoken.String(), agentScaler, why
	if native {
		k.agent = agentNative
	}
}

// connected records that the manager's connection to the scheduler was made or lost.
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

// reason words why a run ends.
func reason(err error) string {
	if err == nil {
		return "as requested"
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
