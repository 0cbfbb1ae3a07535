package agent

import (
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// Event is something that happened, one of the types below.
type Event interface{ apply(*Agent) }

// What is known of the scheduler, and what it says.
type (
	// Connected says that there is a connection to the scheduler, and whether it is certainly another scheduler than the
	// one before. Another one waits for none of the tasks that are here.
	Connected struct{ Another bool }
	// Disconnected says that the connection is lost. Another one is being tried.
	Disconnected struct{}
	// FromScheduler is a message of the scheduler.
	FromScheduler struct{ Message protocol.Message }
)

// What the worker's process says of its processors.
type (
	// ProcessorStarted answers Fork.
	ProcessorStarted struct{ Pid int }
	// NotForked answers Fork when there could be no processor.
	NotForked struct{ Error string }
	// ProcessorHungUp says that nothing more can be told to a processor or heard of it: it dies, as a rule.
	ProcessorHungUp struct{ Pid int }
	// TaskUnread says that a processor died before it had read its task. ProcessorEnded follows.
	TaskUnread struct{ Pid int }
	// ProcessorEnded says that a processor is no more. Its number may be somebody else's by now.
	ProcessorEnded struct {
		Pid    int
		Status syscall.WaitStatus
	}
	// Heavy says that a processor that has just finished its task may have too much memory. It is being weighed, and
	// gets no other task before.
	Heavy struct{ Pid int }
	// Weighed follows, with its memory in bytes (PSS); 0 where that took too long.
	Weighed struct {
		Pid   int
		Bytes int64
	}
	// FromProcessor is a message of a processor.
	FromProcessor struct {
		Pid     int
		Message protocol.Message
	}
)

// What the manager itself says.
type (
	// Begin comes first.
	Begin struct{}
	// Terminate asks the worker to end.
	Terminate struct{}
	// Drain asks the worker to end when it has finished the tasks that have begun. Undrain takes that back, unless it is late.
	Drain   struct{}
	Undrain struct{}
	// Stored answers StoreFailure.
	Stored struct {
		TaskID string
		Object protocol.ObjectID
	}
	// NotStored answers StoreFailure when that is not possible.
	NotStored struct {
		TaskID string
		Err    error
	}
	// Tick says that Deadline is over.
	Tick struct{}
)

// Effect is something to be done, one of the types below.
type Effect interface{ effect() }

// To the scheduler.
type (
	// Beat sends a heartbeat.
	Beat struct{ Heartbeat }
	// Forward sends a frame of a processor as it is.
	Forward struct{ Frame []byte }
	// Confirm answers a cancel.
	Confirm struct {
		TaskID string
		What   protocol.Confirm
	}
	// Finish sends a task's result, with what its processor used for it since Run.
	Finish struct{ Result protocol.TaskResult }
	// Announce tells the scheduler of an object that was stored for a client.
	Announce struct {
		Source string
		Object protocol.ObjectID
	}
	// TakeLeave tells the scheduler that the worker ends.
	TakeLeave struct{}
	// Forget drops what is still to be sent: it is for another scheduler.
	Forget struct{}
)

// To the worker's process and its processors.
type (
	// Fork asks for a processor that uses the object storage at an address; empty means the configured one.
	Fork struct{ Storage string }
	// Signal signals a processor.
	Signal struct {
		Pid    int
		Signal syscall.Signal
	}
	// Resume has a softly suspended processor go on.
	Resume struct{ Pid int }
	// Run gives a task to a processor.
	Run struct {
		Pid    int
		TaskID string
		Frame  []byte
	}
	// Instruct passes an instruction about objects on to a processor.
	Instruct struct {
		Pid   int
		Frame []byte
	}
	// Quit has the worker's process kill what processors it has left and exit. Nothing but late answers to cancels follows.
	Quit struct{ Status int }
)

// To the manager.
type (
	// StoreFailure stores the error of a task whose processor died.
	StoreFailure struct {
		TaskID, Source, Text string
		Storage              string // address; empty means the configured one
	}
	// Registered says that the scheduler has answered the first heartbeat.
	Registered struct{}
	// Busy and Idle say whether the worker has tasks.
	Busy struct{}
	Idle struct{}
	// Drained says that the worker ends because it has drained.
	Drained struct{}
	// Suspended says that a processor is suspended, or is so no more.
	Suspended struct {
		Pid int
		Is  bool
	}
	// Retired says that a processor is replaced between two tasks, and why.
	Retired struct {
		Pid  int
		Why  string // RetiredBy...
		Text string // the same, for people
	}
	// Gone says that nothing more is known or asked of a processor.
	Gone struct{ Pid int }
	// Died says that a processor ended though it was not asked to.
	Died struct {
		Pid    int
		Status syscall.WaitStatus
		Text   string // how
	}
	// Log is a line for the log. Its fields say which processor and task it is about, if any; the worker is the agent's
	// own.
	Log struct {
		logging.Fields
		Level     logging.Level
		Format    string
		Arguments []any
	}
)

// Heartbeat is the part of a heartbeat that the agent knows: of its processors all but what they use.
type Heartbeat struct {
	Queued     int           // tasks that have not begun
	Latency    time.Duration // to the scheduler, one way
	Processors []protocol.Processor
}

func (Beat) effect()         {}
func (Forward) effect()      {}
func (Confirm) effect()      {}
func (Finish) effect()       {}
func (Announce) effect()     {}
func (TakeLeave) effect()    {}
func (Forget) effect()       {}
func (Fork) effect()         {}
func (Signal) effect()       {}
func (Resume) effect()       {}
func (Run) effect()          {}
func (Instruct) effect()     {}
func (Quit) effect()         {}
func (StoreFailure) effect() {}
func (Registered) effect()   {}
func (Busy) effect()         {}
func (Idle) effect()         {}
func (Drained) effect()      {}
func (Suspended) effect()    {}
func (Retired) effect()      {}
func (Gone) effect()         {}
func (Died) effect()         {}
func (Log) effect()          {}
