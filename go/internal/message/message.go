// Package message encodes and decodes the messages between a worker manager and a Scaler scheduler, in the dialects of
// all releases since 1.26.0. It is independent of the transport.
package message

import (
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/message/wire"
)

// Capability is a capability that a worker has or a task needs. Without a value, Value is -1.
type Capability struct {
	Name  string
	Value int64
}

// Heartbeat tells a scheduler that the manager is alive, and how many tasks it can run at a time. A scheduler drops a
// manager after ten seconds without one.
type Heartbeat struct {
	MaxTaskConcurrency uint32
	Capabilities       []Capability
	ManagerID          []byte
}

// Message is a message from a scheduler to a manager: an Echo or a Command.
type Message interface{ fromScheduler() }

// Echo answers a heartbeat.
type Echo struct{}

// Command tells the manager to start or stop workers.
type Command struct {
	// Generation is the layout of the received command, which may differ from that of the codec's dialect.
	Generation Generation
	// Action may be unknown to this package. It is SetDesired for a declarative command, which has no such field.
	Action Action
	// WorkerIDs are the workers to shut down.
	WorkerIDs [][]byte
	// Capabilities are those that a started worker needs. Schedulers of the 2.0 releases lose their names and values
	// (2.0.20), so that each is the zero Capability.
	Capabilities []Capability
	// Requests are for SetDesired only.
	Requests []Request
}

// Request is the number of concurrent tasks that a scheduler requests of managers with these capabilities; see Desired.
type Request struct {
	TaskConcurrency uint32
	Capabilities    []Capability
}

// Response is the answer to an imperative or hybrid command.
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

// Actions. The numbers are those on the wire.
const (
	StartWorkers    = Action(wire.Action_startWorkers)
	ShutdownWorkers = Action(wire.Action_shutdownWorkers)
	SetDesired      = Action(wire.Action_setDesired)
)

func (a Action) String() string { return nameOrNumber(wire.Action(a).String(), uint16(a)) }

// Status is the result of a command.
type Status uint16

// Statuses. The numbers are those on the wire.
const (
	TooManyWorkers = Status(wire.Status_tooManyWorkers)
	UnknownAction  = Status(wire.Status_unknownAction)
	WorkerNotFound = Status(wire.Status_workerNotFound)
	Success        = Status(wire.Status_success)
)

func (s Status) String() string { return nameOrNumber(wire.Status(s).String(), uint16(s)) }

func nameOrNumber(name string, number uint16) string {
	if name == "" {
		return strconv.Itoa(int(number))
	}
	return name
}
