package pool

import (
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// Why a request of the scheduler cannot be met.
var (
	ErrTooMany  = errors.New("no more workers are allowed")
	ErrNotFound = errors.New("no such worker")
	ErrStopping = errors.New("the manager is stopping")
	ErrDraining = errors.New("the manager is draining")
	ErrHostDown = errors.New("the worker host is gone")
	ErrTooSoon  = errors.New("workers die soon after they start")
)

// Event is something that happened, one of the types below.
type Event interface{ apply(*Pool) }

// Request stands for a question of the scheduler; Answer has it again.
type Request any

// What the worker host says.
type (
	// HostReady says that there is a worker host.
	HostReady struct{}
	// HostLost says that the worker host has ended, and which of its workers are children of the manager now. Their
	// ends come as Exited; the others have ended already.
	HostLost struct{ Orphans []int }
	// Started says that a worker has a process.
	Started struct {
		Worker     int
		Pid        int
		Identity   string
		Disconnect []byte // the frame by which it would take leave of the scheduler
	}
	// Refused says that a worker cannot have a process.
	Refused struct {
		Worker int
		Err    error
	}
	// Registered says that the scheduler has answered the worker's first heartbeat.
	Registered struct{ Worker int }
	// Busy and Idle say whether a worker has tasks.
	Busy struct{ Worker int }
	Idle struct{ Worker int }
	// Exited says that the process of a worker has ended. An orphan's end is seen by the manager itself, which has reaped
	// it: its host is gone, though HostLost may be still to come.
	Exited struct {
		Pid    int
		Status syscall.WaitStatus
		Orphan bool
	}
)

// What the scheduler says, and what is known of it.
type (
	// SetDesired says how many workers there should be. More are started at once; fewer
	// only after the cooldown, which an increase meanwhile cancels.
	SetDesired struct{ Count int }
	// StartOne adds a worker, by keeping one that was to go if possible. The answer is its identity, or why there is
	// none: ErrTooMany, ErrStopping, ErrDraining, ErrHostDown, ErrTooSoon or what the host says.
	StartOne struct{ Request Request }
	// StopWorkers stops the workers with these identities; those that have tasks are drained. It is answered when those
	// without tasks are gone. When one of them is not there, or none is named, nothing is stopped and the answer is
	// ErrNotFound at once.
	StopWorkers struct {
		Request    Request
		Identities []string
	}
	// SchedulerLost says that there is no scheduler. Until there is one nobody is started: a worker would end again, or
	// connect in a way that it does not survive.
	SchedulerLost struct{}
	// SchedulerGone says that the next scheduler will be another one. The workers are of no use to it: those of YMQ
	// misparse the handshake of a new scheduler and hear nothing from then on (2.3.3 and 2.9.0), but register. They are
	// killed before that can be, and replaced when there is a scheduler.
	SchedulerGone struct{}
	// SchedulerFound says that there is a scheduler, and whether it is another one.
	SchedulerFound struct{ Another bool }
)

// What the manager itself asks for.
type (
	// KillWorker kills the process group of the worker with a pid, which then counts as one that died.
	KillWorker struct{ Pid int }
	// AgentsDrain says that the agents of workers can drain. Else a worker drains by being left alone until it has no
	// tasks.
	AgentsDrain struct{}
	// Drain has every worker finish its tasks and end, and none come until Resume. Those that still have tasks after the
	// deadline are stopped; 0 is none. Another one has another deadline.
	Drain struct{ Deadline time.Duration }
	// Resume ends that: there are to be as many workers as before.
	Resume struct{}
	// Drained says that a worker is ending because it has drained.
	Drained struct{ Worker int }
	// Resize changes the most workers at a time. Those above it go, without a cooldown.
	Resize struct{ Maximum int }
	// Restart has another worker come in the place of one, which finishes its tasks first.
	Restart struct{ Worker int }
	// RestartAll does that with all there are, one after the other.
	RestartAll struct{}
	// Stop asks every worker to end. A second one changes nothing.
	Stop struct{}
	// Kill kills every worker without asking. Workers that have no pid yet are forgotten: they end with the host.
	Kill struct{}
	// Tick says that Deadline is over.
	Tick struct{}
)

// Effect is something to be done, one of the types below.
type Effect interface{ effect() }

// The effects.
type (
	// Start asks the host for a worker. The slot is the lowest free one, from 0.
	Start struct{ Worker, Slot int }
	// Track says that a process group is a worker's from now on.
	Track struct{ Pid int }
	// Terminate asks a worker to end.
	Terminate struct {
		Worker   int
		Pid      int
		Identity string
	}
	// DrainWorker asks a worker to end when its tasks are done, UndrainWorker to stay after all. They come with
	// AgentsDrain.
	DrainWorker   struct{ Worker int }
	UndrainWorker struct{ Worker int }
	// KillGroup kills what there is of a worker's process group.
	KillGroup struct {
		Pid      int
		Identity string
	}
	// Reap kills what is left of the process group of a worker that has ended, and lets the host reap the worker.
	Reap struct{ Worker, Pid int }
	// Freed says that a slot is free again, after the end of a worker. One that never had a process has no pid.
	Freed struct {
		Slot     int
		Pid      int
		Identity string
	}
	// Disconnect tells the scheduler, in the name of a worker that died, that it is gone.
	Disconnect struct {
		Identity string
		Frame    []byte
	}
	// Answer answers StartOne with an identity, or either request with an error.
	Answer struct {
		Request  Request
		Identity string
		Err      error
	}
	// Log is a line for the log, about a worker where one is named.
	Log struct {
		logging.Fields
		Level     logging.Level
		Format    string
		Arguments []any
	}
)

func (Start) effect()         {}
func (Track) effect()         {}
func (Terminate) effect()     {}
func (KillGroup) effect()     {}
func (DrainWorker) effect()   {}
func (UndrainWorker) effect() {}
func (Reap) effect()          {}
func (Freed) effect()         {}
func (Disconnect) effect()    {}
func (Answer) effect()        {}
func (Log) effect()           {}
