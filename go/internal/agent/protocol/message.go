// Package protocol holds what the agent of a worker says to the scheduler and to the worker's processors, and what they
// say to it, and turns it into frames and back. It knows the tags of all releases from 1.26.0 on, and nothing of the
// sockets that carry the frames.
package protocol

import "github.com/scaler-native/scaler-native/go/internal/message/wire"

// Message is what a scheduler or a processor sends to an agent. Byte slices in it refer to the decoded frame; ids are
// strings that hold the raw bytes.
type Message interface{ toAgent() }

// Task is to be forwarded to a processor.
type Task struct {
	ID, Source   string
	Priority     int32 // may be negative, which upstream's agent dies of
	Profiling    bool
	StreamOutput bool
	Frame        []byte
}

// TaskCancel takes a task back; Force also one that runs.
type TaskCancel struct {
	TaskID string
	Force  bool
}

// TaskResult is how a task went. A processor's has no metadata.
type TaskResult struct {
	TaskID   string
	Type     ResultType
	Metadata []byte   // of a Profile
	Results  [][]byte // ids of objects
}

// TaskLog is a piece of a task's output, to be forwarded to the scheduler.
type TaskLog struct{ Frame []byte }

// ObjectInstruction is to be forwarded, the scheduler's to processors and a processor's to the scheduler.
type ObjectInstruction struct{ Frame []byte }

// Echo answers a heartbeat. Storage is the address of the object storage, as "tcp://127.0.0.1:1234", or "".
type Echo struct{ Storage string }

// ClientDisconnect tells that a client has gone, which a worker ends with if Shutdown.
type ClientDisconnect struct{ Shutdown bool }

// DisconnectResponse answers the agent's farewell; there is none from 2.7.0 on.
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

// ResultType is how a task ended. It may be one that this package does not know.
type ResultType uint16

// Result types, with the numbers that they have on the wire.
const (
	Success          = ResultType(wire.ResultType_success)
	Failed           = ResultType(wire.ResultType_failed)
	FailedWorkerDied = ResultType(wire.ResultType_failedWorkerDied)
)

// Confirm is the answer to a TaskCancel.
type Confirm uint16

// Answers, with the numbers that they have on the wire.
const (
	Canceled       = Confirm(wire.Confirmation_canceled)
	CancelFailed   = Confirm(wire.Confirmation_cancelFailed)
	CancelNotFound = Confirm(wire.Confirmation_cancelNotFound)
)
