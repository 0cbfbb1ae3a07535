package agent

import (
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// Event is something that happened, one of the types below.
type Event interface{ apply(*Agent) }

// Events from the scheduler and the connection to it.
type (
	// Connected: there is a connection to the scheduler. Another is set if it is certainly another scheduler than before,
	// which does not know the tasks of this agent.
	Connected struct{ Another bool }
	// Disconnected: the connection was lost. The caller reconnects.
	Disconnected struct{}
	// FromScheduler is a message of the scheduler.
	FromScheduler struct{ Message protocol.Message }
)

// Events from the worker process and its processors.
type (
	// ProcessorStarted answers Fork.
	ProcessorStarted struct{ Pid int }
	// ForkFailed answers Fork if it failed.
	ForkFailed struct{ Error string }
	// ProcessorHungUp: the connection to a processor was closed, usually because it is dying.
	ProcessorHungUp struct{ Pid int }
	// TaskUnread: a processor died before it had read its task. ProcessorEnded follows.
	TaskUnread struct{ Pid int }
	// ProcessorEnded: a processor was reaped. Its pid may already belong to another process.
	ProcessorEnded struct {
		Pid    int
		Status syscall.WaitStatus
	}
	// MeasuringMemory: a processor that has just finished its task may use too much memory. It gets no task until
	// MemoryMeasured.
	MeasuringMemory struct{ Pid int }
	// MemoryMeasured: the memory of a processor was measured, in bytes (PSS); 0 if that took too long.
	MemoryMeasured struct {
		Pid   int
		Bytes int64
	}
	// FromProcessor is a message of a processor.
	FromProcessor struct {
		Pid     int
		Message protocol.Message
	}
)

// Events from the manager.
type (
	// Start is the first event.
	Start struct{}
	// Terminate asks the worker to quit.
	Terminate struct{}
	// Drain asks the worker to quit when the tasks that have started are done.
	Drain struct{}
	// Undrain revokes Drain. It has no effect once Drained was emitted.
	Undrain struct{}
	// ErrorStored answers StoreError with the object that holds the error.
	ErrorStored struct {
		TaskID string
		Object protocol.ObjectID
	}
	// StoreFailed answers StoreError if the error could not be stored.
	StoreFailed struct {
		TaskID string
		Err    error
	}
	// Tick: the time of Agent.Deadline has come.
	Tick struct{}
)

// Effect is something for the caller to do, one of the types below.
type Effect interface{ effect() }

// Effects for the scheduler.
type (
	// SendHeartbeat sends a heartbeat.
	SendHeartbeat struct{ Heartbeat }
	// Forward sends a frame of a processor unchanged.
	Forward struct{ Frame []byte }
	// ConfirmCancel answers a cancel.
	ConfirmCancel struct {
		TaskID string
		What   protocol.Confirm
	}
	// SendResult sends the result of a task, with the resources that its processor has used since Run.
	SendResult struct{ Result protocol.TaskResult }
	// AnnounceObject tells the scheduler about an object that was stored on behalf of a client.
	AnnounceObject struct {
		Source string
		Object protocol.ObjectID
	}
	// Disconnect disconnects the worker from the scheduler.
	Disconnect struct{}
	// DiscardUnsent discards unsent messages: they were for another scheduler.
	DiscardUnsent struct{}
)

// Effects for the worker process and its processors.
type (
	// Fork requests a processor that uses the object storage at this address; empty for the configured one.
	Fork struct{ Storage string }
	// Signal signals a processor.
	Signal struct {
		Pid    int
		Signal syscall.Signal
	}
	// Resume resumes a processor that was not suspended by SIGSTOP.
	Resume struct{ Pid int }
	// Run gives a task to a processor.
	Run struct {
		Pid    int
		TaskID string
		Frame  []byte
	}
	// Instruct forwards an object instruction to a processor.
	Instruct struct {
		Pid   int
		Frame []byte
	}
	// Quit has the worker process kill its remaining processors and exit. Only late answers to cancels follow.
	Quit struct{ Status int }
)

// Effects for the manager.
type (
	// StoreError stores the error of a task whose processor died.
	StoreError struct {
		TaskID, Source, Text string
		Storage              string // address; empty for the configured one
	}
	// Registered: the scheduler has answered the first heartbeat.
	Registered struct{}
	// Busy: the worker has tasks.
	Busy struct{}
	// Idle: the worker has had no tasks for IdleTime.
	Idle struct{}
	// Drained: the worker quits because it has drained.
	Drained struct{}
	// Suspended: a processor was suspended, or resumed if Is is false.
	Suspended struct {
		Pid int
		Is  bool
	}
	// Retired: a processor is replaced between two tasks.
	Retired struct {
		Pid  int
		Why  string // RetiredBy...
		Text string // the same in words
	}
	// ProcessorGone: the agent is done with a processor.
	ProcessorGone struct{ Pid int }
	// ProcessorDied: a processor exited unexpectedly.
	ProcessorDied struct {
		Pid    int
		Status syscall.WaitStatus
		Text   string // exit status or signal, and task
	}
	// Log writes a line to the log. Fields name the processor and task that it is about, if any.
	Log struct {
		logging.Fields
		Level     logging.Level
		Format    string
		Arguments []any
	}
)

// Heartbeat is the part of a heartbeat that the agent knows: everything but resource usage.
type Heartbeat struct {
	Queued     int           // tasks that have not started
	Latency    time.Duration // to the scheduler, one way
	Processors []protocol.Processor
}

func (SendHeartbeat) effect()  {}
func (Forward) effect()        {}
func (ConfirmCancel) effect()  {}
func (SendResult) effect()     {}
func (AnnounceObject) effect() {}
func (Disconnect) effect()     {}
func (DiscardUnsent) effect()  {}
func (Fork) effect()           {}
func (Signal) effect()         {}
func (Resume) effect()         {}
func (Run) effect()            {}
func (Instruct) effect()       {}
func (Quit) effect()           {}
func (StoreError) effect()     {}
func (Registered) effect()     {}
func (Busy) effect()           {}
func (Idle) effect()           {}
func (Drained) effect()        {}
func (Suspended) effect()      {}
func (Retired) effect()        {}
func (ProcessorGone) effect()  {}
func (ProcessorDied) effect()  {}
func (Log) effect()            {}
