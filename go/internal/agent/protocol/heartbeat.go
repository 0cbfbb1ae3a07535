package protocol

import (
	"capnproto.org/go/capnp/v3"

	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/message/frame"
	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// Heartbeat reports the state and the resource usage of a worker to its scheduler.
type Heartbeat struct {
	Agent               Resource
	FreeMemory          uint64 // in bytes, of the machine or the cgroup
	MemoryLimit         uint64 // in bytes
	QueueSize           uint32 // most queued tasks
	QueuedTasks         uint32
	LatencyMicroseconds uint32
	TaskLock            bool
	Processors          []Processor
	Capabilities        []message.Capability
	ManagerID           []byte
	Hostname            string
	NetSent             uint64 // in bytes, by the whole machine
	NetReceived         uint64
}

// Resource is the resource usage of a process.
type Resource struct {
	CPU    uint16 // thousandths of a CPU: 992 is 99.2%
	Memory uint64 // in bytes
}

// Processor is one of a worker's processors.
type Processor struct {
	Pid            uint32
	Initialized    bool
	HasTask        bool
	Suspended      bool
	Resource       Resource
	TaskID         string
	TaskAgeSeconds uint32
}

// Heartbeat encodes a heartbeat in the layout of 2.9.0. Older releases ignore the fields that they do not know.
func (c Codec) Heartbeat(heartbeat Heartbeat) ([]byte, error) {
	return encode("heartbeat", c.tags.Heartbeat, func(segment *capnp.Segment) (capnp.Ptr, error) {
		body, err := wire.NewWorkerHeartbeat(segment)
		if err != nil {
			return capnp.Ptr{}, err
		}
		return body.ToPtr(), writeHeartbeat(body, heartbeat)
	})
}

func writeHeartbeat(body wire.WorkerHeartbeat, heartbeat Heartbeat) error {
	body.SetFreeMemory(heartbeat.FreeMemory)
	body.SetMemoryLimit(heartbeat.MemoryLimit)
	body.SetQueueSize(heartbeat.QueueSize)
	body.SetQueuedTasks(heartbeat.QueuedTasks)
	body.SetLatencyMicroseconds(heartbeat.LatencyMicroseconds)
	body.SetTaskLock(heartbeat.TaskLock)
	body.SetNetSent(heartbeat.NetSent)
	body.SetNetReceived(heartbeat.NetReceived)
	if err := writeResource(heartbeat.Agent, body.NewAgent); err != nil {
		return err
	}
	if err := writeProcessors(body, heartbeat.Processors); err != nil {
		return err
	}
	if err := writeCapabilities(body, heartbeat.Capabilities); err != nil {
		return err
	}
	if err := body.SetManagerID(frame.Present(heartbeat.ManagerID)); err != nil {
		return err
	}
	return body.SetHostname(heartbeat.Hostname)
}

func writeProcessors(body wire.WorkerHeartbeat, processors []Processor) error {
	if err := checkEntries(len(processors)); err != nil {
		return err
	}
	list, err := body.NewProcessors(int32(len(processors)))
	if err != nil {
		return err
	}
	for i, processor := range processors {
		element := list.At(i)
		element.SetPid(processor.Pid)
		element.SetInitialized(processor.Initialized)
		element.SetHasTask(processor.HasTask)
		element.SetSuspended(processor.Suspended)
		element.SetTaskAgeSeconds(processor.TaskAgeSeconds)
		if err := writeResource(processor.Resource, element.NewResource); err != nil {
			return err
		}
		if err := element.SetTaskID([]byte(processor.TaskID)); err != nil {
			return err
		}
	}
	return nil
}

func writeResource(resource Resource, make func() (wire.Resource, error)) error {
	element, err := make()
	if err != nil {
		return err
	}
	element.SetCpu(resource.CPU)
	element.SetMemory(resource.Memory)
	return nil
}

func writeCapabilities(body wire.WorkerHeartbeat, capabilities []message.Capability) error {
	if err := checkEntries(len(capabilities)); err != nil {
		return err
	}
	list, err := body.NewCapabilities(int32(len(capabilities)))
	if err != nil {
		return err
	}
	for i, capability := range capabilities {
		element := list.At(i)
		if err := element.SetName(capability.Name); err != nil {
			return err
		}
		element.SetValue(capability.Value)
	}
	return nil
}
