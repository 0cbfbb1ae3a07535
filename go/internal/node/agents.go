package node

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/address"
	"github.com/scaler-native/scaler-native/go/internal/agent"
	listener "github.com/scaler-native/scaler-native/go/internal/agent/processors"
	agentprotocol "github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/agent/storage"
	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// newAgents returns the agents of all workers, and the address at which processors connect to them.
func (n *node) newAgents(d discovery, ready protocol.Ready) (set *agents.Set, at string, err error) {
	random := make([]byte, 16)
	rand.Read(random)
	// Sockets of Scaler's own workers have no "native" in their names (1.26.0 to 2.9.0) and are not swept.
	const prefix = "scaler_worker_native_"
	folders := socketFolders(ready)
	for _, folder := range folders {
		listener.Sweep(filepath.Join(folder, prefix+strings.Repeat("[0-9a-f]", 2*len(random))))
	}
	name := prefix + hex.EncodeToString(random)
	socket, path, err := listenIn(folders, name, d.release.ProcessorTransport(d.spoken))
	if err != nil {
		return nil, "", err
	}
	scheduler := n.plan.SchedulerAddressOfWorkers()
	network := transport.Options{ReadBuffer: transport.SmallReadBuffer} // there may be a thousand connections
	if network.TLS, err = tlsConfig(n.plan.Config, scheduler); err != nil {
		socket.Close()
		return nil, "", err
	}
	h := heartbeat(n.plan.Config)
	set = agents.New(agents.Options{
		Agent: agent.Options{
			HeartbeatInterval: config.Duration(n.plan.HeartbeatIntervalSeconds),
			DeathTimeout:      config.Duration(n.plan.DeathTimeoutSeconds),
			HardSuspend:       n.plan.HardProcessorSuspend,
			KillDelay:         time.Duration(ready.Agent.KillDelay * float64(time.Second)),
			Storage:           n.plan.Given("object_storage_address"),
			StorageEnds:       d.release.OwnsStorage(),
			Recycle:           recycleLimits(n.plan.Config),
		},
		Codec:    agentprotocol.NewCodec(d.release.AgentTags(ready.Agent.Tags)),
		Listener: socket,
		Dial: func(ctx context.Context, identity []byte) (transport.Conn, error) {
			options := network
			options.Identity = identity
			connection, err := transport.Dial(ctx, scheduler, options)
			if err == nil && connection.Protocol() != d.spoken {
				connection.Close()
				return nil, fmt.Errorf("the scheduler now speaks %s instead of %s", connection.Protocol(), d.spoken)
			}
			return connection, err
		},
		Tell:         n.send,
		Emit:         func(event any) { n.post(func() { n.handleAgent(event) }) },
		StoreObject:  n.storeObject,
		Capabilities: h.Capabilities,
		QueueSize:    uint32(n.plan.PerWorkerTaskQueueSize),
		ManagerID:    h.ManagerID,
		Spares:       int(n.plan.SpareProcessors),
		Proportional: d.release.Dialect == message.Declarative2,
		Log:          n.log,
	})
	return set, "ipc://" + path, nil
}

// socketFolders returns the folders that the socket for processors may be in, the preferred one first: that of Scaler's
// own workers, which is the one for Python's temporary files.
func socketFolders(ready protocol.Ready) []string {
	folders := []string{os.TempDir(), "/tmp", "/var/tmp"}
	if ready.Sockets != "" {
		folders = append([]string{filepath.Dir(ready.Sockets)}, folders...)
	}
	var list []string
	for _, folder := range folders {
		if !slices.Contains(list, folder) {
			list = append(list, folder)
		}
	}
	return list
}

// listenIn listens in the first folder where that is possible. The kernel refuses paths of more than 107 bytes, and a
// batch system's TMPDIR alone may be half as long.
func listenIn(folders []string, name string, spoken transport.Protocol) (*listener.Listener, string, error) {
	var problems []error
	for _, folder := range folders {
		path := filepath.Join(folder, name)
		socket, err := listener.Listen(path, spoken, []byte(name))
		if err == nil {
			return socket, path, nil
		}
		problems = append(problems, fmt.Errorf("in %s: %w", folder, err))
	}
	text := strings.ReplaceAll(errors.Join(problems...).Error(), "\n", "; ")
	return nil, "", fmt.Errorf(
		"no folder for the socket for processors: %s; set TMPDIR to a folder that can be written to", text)
}

func (n *node) storeObject(ctx context.Context, at string, id agentprotocol.ObjectID, content []byte) error {
	to := n.plan.ObjectStorageAddress
	if at != "" {
		var err error
		if to, err = address.Parse(at); err != nil {
			return err
		}
	}
	var err error
	options := transport.Options{Identity: []byte(fmt.Sprintf("%s|%x", n.plan.WorkerManagerID, id[len(id)-8:]))}
	if options.TLS, err = tlsConfig(n.plan.Config, to); err != nil {
		return err
	}
	return storage.Set(ctx, to, options, id, content)
}

// tellAgents forwards a message of the worker host to the agents.
func (n *node) tellAgents(message protocol.Message) {
	switch message := message.(type) {
	case protocol.Started:
		n.processors[message.Worker] = processorsOfWorker{parent: message.Pid, suspended: map[int]bool{}}
		n.agents.Start(message.Worker, message.Pid, message.Identity, message.Disconnect)
	case protocol.Exited:
		if worker := n.pool.Number(message.Pid); worker != 0 {
			n.agents.Ended(worker)
		}
	default:
		n.agents.Handle(message)
	}
}

// handleAgent handles an event of the agents, in the loop.
func (n *node) handleAgent(event any) {
	switch event := event.(type) {
	case agents.Registered:
		n.apply(pool.Registered{Worker: event.Worker})
	case agents.Busy:
		n.apply(pool.Busy{Worker: event.Worker})
	case agents.Idle:
		n.apply(pool.Idle{Worker: event.Worker})
	case agents.Drained:
		n.apply(pool.Drained{Worker: event.Worker})
	case agents.Spares:
		n.spares = event
		n.publish(n.pool.Snapshot())
	case agents.Suspended:
		n.processors.suspend(event.Worker, event.Pid, event.Is)
		n.preferRunning(event.Worker, event.Pid)
	case agents.ProcessorDied:
		text := event.Text + n.explainDeath(event)
		n.journal.Add(state.Event{Kind: state.ProcessorDied, Worker: event.Identity, Pid: event.Pid, Text: text})
	case agents.ProcessorRetired:
		n.known.recycled[event.Why]++
		n.journal.Add(state.Event{Kind: state.ProcessorRetired, Worker: event.Identity, Pid: event.Pid, Text: event.Text})
	case agents.Failed:
		for _, w := range n.pool.Workers() {
			if w.Number == event.Worker {
				n.apply(pool.KillWorker{Pid: w.Pid})
			}
		}
	}
}
