// Package selfcheck checks that an installed Scaler encodes and decodes the messages of a worker's agent as package
// protocol does. Both sides know a table of sample values. Values are compared rather than bytes, since the same values
// can be encoded in several ways.
package selfcheck

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/python"
)

// sample is one entry of the table python.AgentSamples.
type sample struct {
	Name, Kind string
	Values     values
}

// values are the values of a sample of any kind; each kind has some of them.
type values struct {
	ID, Source, Metadata data
	User                 data
	Force                bool
	Type                 string
	Results              []data
	Objects              []parts // id, type, name
	Storage              string  // what the agent reads from an echo

	Agent        [2]uint64
	FreeMemory   uint64 `json:"free_memory"`
	MemoryLimit  uint64 `json:"memory_limit"`
	QueueSize    uint32 `json:"queue_size"`
	QueuedTasks  uint32 `json:"queued_tasks"`
	Latency      uint32
	TaskLock     bool `json:"task_lock"`
	Processors   []parts
	Capabilities []parts
	ManagerID    data `json:"manager_id"`
	Hostname     string
	NetSent      uint64 `json:"net_sent"`
	NetReceived  uint64 `json:"net_received"`
}

// data is an id or a text: a string, or an object with the bytes in hexadecimal.
type data string

func (d *data) UnmarshalJSON(raw []byte) error {
	if json.Unmarshal(raw, (*string)(d)) == nil {
		return nil
	}
	var other struct{ Hex string }
	if err := json.Unmarshal(raw, &other); err != nil {
		return err
	}
	decoded, err := hex.DecodeString(other.Hex)
	*d = data(decoded)
	return err
}

// parts is a list of values of different types.
type parts []json.RawMessage

func (p parts) into(targets ...any) error {
	if len(p) != len(targets) {
		return fmt.Errorf("%d values, want %d", len(p), len(targets))
	}
	for i, target := range targets {
		if err := json.Unmarshal(p[i], target); err != nil {
			return err
		}
	}
	return nil
}

func samples() (all []sample, err error) {
	return all, json.Unmarshal(python.AgentSamples, &all)
}

var (
	resultTypes = map[string]protocol.ResultType{
		"success": protocol.Success, "failed": protocol.Failed, "failedWorkerDied": protocol.FailedWorkerDied,
	}
	confirms = map[string]protocol.Confirm{
		"canceled": protocol.Canceled, "cancelFailed": protocol.CancelFailed, "cancelNotFound": protocol.CancelNotFound,
	}
)

// received returns what an agent decodes from a sample; nil if it is not sent to agents.
func (s sample) received() protocol.Message {
	v := s.Values
	switch s.Kind {
	case "task":
		task := protocol.Task{ID: string(v.ID), Source: string(v.Source), Profiling: true}
		if flags := v.Metadata; flags != "" {
			task.Profiling, task.StreamOutput = flags[0] != 0, flags[len(flags)-1] != 0
			task.Priority = int32(binary.BigEndian.Uint32([]byte(flags[1:])))
		}
		return task
	case "taskCancel":
		return protocol.TaskCancel{TaskID: string(v.ID), Force: v.Force}
	case "taskResult":
		return v.result()
	case "taskLog":
		return protocol.TaskLog{}
	case "objectInstruction":
		return protocol.ObjectInstruction{}
	case "workerHeartbeatEcho":
		return protocol.Echo{Storage: v.Storage}
	case "disconnectResponse":
		return protocol.DisconnectResponse{}
	case "clientDisconnect":
		return protocol.ClientDisconnect{Shutdown: v.Type == "shutdown"}
	case "processorInitialized":
		return protocol.ProcessorInitialized{}
	}
	return nil
}

func (v values) result() protocol.TaskResult {
	result := protocol.TaskResult{TaskID: string(v.ID), Type: resultTypes[v.Type], Metadata: []byte(v.Metadata)}
	for _, id := range v.Results {
		result.Results = append(result.Results, []byte(id))
	}
	return result
}

// sent returns the frame that an agent encodes from a sample; nil if agents do not send it.
func (s sample) sent(codec protocol.Codec) ([]byte, error) {
	v := s.Values
	switch s.Kind {
	case "taskResult":
		return codec.TaskResult(v.result())
	case "taskCancelConfirm":
		return codec.TaskCancelConfirm(string(v.ID), confirms[v.Type])
	case "objectInstruction":
		if v.Type != "create" {
			return nil, nil
		}
		var id, kind, name data
		if err := v.Objects[0].into(&id, &kind, &name); err != nil {
			return nil, err
		}
		return codec.ObjectCreated(string(v.User), protocol.ObjectID([]byte(id)), []byte(name))
	case "workerHeartbeat":
		heartbeat, err := v.heartbeat()
		if err != nil {
			return nil, err
		}
		return codec.Heartbeat(heartbeat)
	}
	return nil, nil
}

func (v values) heartbeat() (protocol.Heartbeat, error) {
	heartbeat := protocol.Heartbeat{
		Agent:      protocol.Resource{CPU: uint16(v.Agent[0]), Memory: v.Agent[1]},
		FreeMemory: v.FreeMemory, MemoryLimit: v.MemoryLimit, QueueSize: v.QueueSize, QueuedTasks: v.QueuedTasks,
		LatencyMicroseconds: v.Latency, TaskLock: v.TaskLock, ManagerID: []byte(v.ManagerID), Hostname: v.Hostname,
		NetSent: v.NetSent, NetReceived: v.NetReceived,
	}
	for _, one := range v.Processors {
		var p protocol.Processor
		var used [2]uint64
		var id data
		err := one.into(&p.Pid, &p.Initialized, &p.HasTask, &p.Suspended, &used, &id, &p.TaskAgeSeconds)
		if err != nil {
			return heartbeat, err
		}
		p.TaskID, p.Resource = string(id), protocol.Resource{CPU: uint16(used[0]), Memory: used[1]}
		heartbeat.Processors = append(heartbeat.Processors, p)
	}
	for _, one := range v.Capabilities {
		var capability message.Capability
		if err := one.into(&capability.Name, &capability.Value); err != nil {
			return heartbeat, err
		}
		heartbeat.Capabilities = append(heartbeat.Capabilities, capability)
	}
	return heartbeat, nil
}
