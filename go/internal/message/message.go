// Package message holds what a worker manager and a Scaler scheduler say to each
// other, and turns it into frames and back. It knows the dialects of all releases
// from 1.26.0 on, and nothing of the transport that carries the frames.
package message

import (
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// Capability is something that a worker can do or a task needs. A bare one, of which
// only the name matters, has the value -1.
type Capability struct {
	Name  string
	Value int64
}

// Heartbeat tells a scheduler that the manager is there and how many tasks it may run
// at once. A scheduler forgets a manager that was silent for ten seconds.
type Heartbeat struct {
	MaxTaskConcurrency uint32
	Capabilities       []Capability
	ManagerID          []byte
}

// Message is what a scheduler sends to a manager: an Echo or a Command.
type Message interface{ fromScheduler() }

// Echo answers a heartbeat.
type Echo struct{}

// Command asks the manager for workers, or to end some.
type Command struct {
	// Generation is what the bytes say, whatever dialect the codec was made for.
	Generation Generation
	// Action may be one that this package does not know. A declarative command, which
	// has no such field, reads as SetDesired.
	Action Action
	// WorkerIDs are those to shut down.
	WorkerIDs [][]byte
	// Capabilities are what the started worker should have. Schedulers of the 2.0
	// releases lose the names and values of theirs (2.0.20): each reads as the zero
	// Capability.
	Capabilities []Capability
	// Requests go with SetDesired only.
	Requests []Request
}

// Request is the number of tasks at once that a scheduler wants of managers with
// these capabilities; see Desired.
type Request struct {
	TaskConcurrency uint32
	Capabilities    []Capability
}

// Response answers a command of the imperative or hybrid generation.
type Response struct {
	WorkerIDs    [][]byte
	Action       Action
	Status       Status
	Capabilities []Capability
}

func (Echo) fromScheduler()    {}
func (Command) fromScheduler() {}

// Action is what a command asks for.
type Action uint16

// Actions, with the numbers that they have on the wire.
const (
	StartWorkers    = Action(wire.Action_startWorkers)
	ShutdownWorkers = Action(wire.Action_shutdownWorkers)
	SetDesired      = Action(wire.Action_setDesired)
)

func (a Action) String() string { return nameOf(wire.Action(a).String(), uint16(a)) }

// Status is how a command went.
type Status uint16

// Statuses, with the numbers that they have on the wire.
const (
	TooManyWorkers = Status(wire.Status_tooManyWorkers)
	UnknownAction  = Status(wire.Status_unknownAction)
	WorkerNotFound = Status(wire.Status_workerNotFound)
	Success        = Status(wire.Status_success)
)

func (s Status) String() string { return nameOf(wire.Status(s).String(), uint16(s)) }

func nameOf(name string, number uint16) string {
	if name == "" {
		return strconv.Itoa(int(number))
	}
	return name
}
