// Package protocol encodes and decodes the messages between the agent of a worker, the scheduler and the worker's
// processors. It knows the tags of all releases since 1.26.0, and nothing about the sockets that carry the frames.
package protocol

import "github.com/scaler-native/scaler-native/go/internal/message/wire"

// Message is a message from a scheduler or a processor to an agent. Its byte slices refer to the decoded frame; ids are
// strings of raw bytes.
type Message interface{ toAgent() }

// Task is a task, to be forwarded to a processor.
type Task struct {
	ID, Source   string
	Priority     int32 // a negative one crashes upstream's agent
	Profiling    bool
	StreamOutput bool
	Frame        []byte
}

// TaskCancel cancels a queued task, and with Force also a running one.
type TaskCancel struct {
	TaskID string
	Force  bool
}

// TaskResult is the result of a task. One from a processor has no metadata.
type TaskResult struct {
	TaskID   string
	Type     ResultType
	Metadata []byte   // see Profile.Metadata
	Results  [][]byte // object ids
}

// TaskLog is output of a task, to be forwarded to the scheduler.
type TaskLog struct{ Frame []byte }

// ObjectInstruction is to be forwarded: from the scheduler to processors, and from a processor to the scheduler.
type ObjectInstruction struct{ Frame []byte }

// Echo answers a heartbeat. Storage is the object storage address, such as "tcp://127.0.0.1:1234", or "".
type Echo struct{ Storage string }

// ClientDisconnect reports that a client has disconnected. With Shutdown the worker has to quit.
type ClientDisconnect struct{ Shutdown bool }

// DisconnectResponse answers the agent's disconnect (before 2.7.0).
type DisconnectResponse struct{}

// ProcessorInitialized is a processor's first message.
type ProcessorInitialized struct{}

func (Task) toAgent()                 {}
func (TaskCancel) toAgent()           {}
func (TaskResult) toAgent()           {}
func (TaskLog) toAgent()              {}
func (ObjectInstruction) toAgent()    {}
func (Echo) toAgent()                 {}
func (ClientDisconnect) toAgent()     {}
func (DisconnectResponse) toAgent()   {}
func (ProcessorInitialized) toAgent() {}

// ResultType is the outcome of a task. Other values than the ones below are possible.
type ResultType uint16

// Result types, with their wire values.
const (
	Success          = ResultType(wire.ResultType_success)
	Failed           = ResultType(wire.ResultType_failed)
	FailedWorkerDied = ResultType(wire.ResultType_failedWorkerDied)
)

// Confirm is the answer to a TaskCancel.
type Confirm uint16

// Confirmations, with their wire values.
const (
	Canceled       = Confirm(wire.Confirmation_canceled)
	CancelFailed   = Confirm(wire.Confirmation_cancelFailed)
	CancelNotFound = Confirm(wire.Confirmation_cancelNotFound)
)
