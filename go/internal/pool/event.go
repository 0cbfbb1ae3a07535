package pool

import (
	"errors"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// The errors of an Answer.
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

// Request identifies a request of the scheduler; its Answer carries the same value.
type Request any

// Events from the worker host.
type (
	// HostReady: there is a worker host, which can start workers.
	HostReady struct{}
	// HostLost: the worker host has exited. Orphans are the pids of its workers that are children of the manager now;
	// each gets an Exited later. All other workers have exited already.
	HostLost struct{ Orphans []int }
	// Started: a worker has a process.
	Started struct {
		Worker     int
		Pid        int
		Identity   string
		Disconnect []byte // the frame that disconnects it from the scheduler
	}
	// Refused: the host could not start a worker.
	Refused struct {
		Worker int
		Err    error
	}
	// Registered: the scheduler has answered the worker's first heartbeat.
	Registered struct{ Worker int }
	// Busy: a worker has tasks.
	Busy struct{ Worker int }
	// Idle: a worker has no more tasks.
	Idle struct{ Worker int }
	// Exited: the process of a worker has exited. Orphan is set if the manager itself has reaped it, which means that its
	// host is gone; HostLost may arrive later.
	Exited struct {
		Pid    int
		Status syscall.WaitStatus
		Orphan bool
	}
)

// Requests of the scheduler, and changes of the connection to it.
type (
	// SetDesired sets the desired number of workers. An increase takes effect at once and cancels a pending decrease; a
	// decrease takes effect after the cooldown.
	SetDesired struct{ Count int }
	// StartOne adds one worker, by undraining one if possible. Its Answer has the identity, or an error: ErrTooMany,
	// ErrStopping, ErrDraining, ErrHostDown, ErrTooSoon or the host's.
	StartOne struct{ Request Request }
	// StopWorkers stops the workers with these identities; those with tasks are drained. Its Answer comes when those
	// without tasks have exited. If an identity is unknown, or the list is empty, no worker is stopped and the Answer is
	// ErrNotFound at once.
	StopWorkers struct {
		Request    Request
		Identities []string
	}
	// SchedulerLost: there is no scheduler. No worker is started until there is one again: it would exit, or connect in
	// a way that it does not survive.
	SchedulerLost struct{}
	// SchedulerGone: the next scheduler will be another process, for which the workers are useless. Over YMQ they misparse
	// the handshake of a new scheduler (2.3.3 and 2.9.0): they register, but receive nothing from then on. They are
	// killed before they can reconnect, and replaced once there is a scheduler.
	SchedulerGone struct{}
	// SchedulerFound: there is a scheduler. Another is set if it is another process than before.
	SchedulerFound struct{ Another bool }
	// HostMoved: this host has another address. The connections of its workers and processors are dead, and nothing tells
	// them.
	HostMoved struct{}
)

// Events from the manager itself.
type (
	// KillWorker kills the process group of the worker with this pid, which then counts as a death.
	KillWorker struct{ Pid int }
	// AgentsDrain: the agents of the workers can drain. Without it the pool drains a worker by waiting until it is idle.
	AgentsDrain struct{}
	// Drain drains every worker, and no worker is started until Resume. Workers that still have tasks after the deadline
	// are stopped; 0 is no deadline. A later Drain replaces the deadline.
	Drain struct{ Deadline time.Duration }
	// Resume ends a Drain and restores the desired number of workers.
	Resume struct{}
	// Drained: a worker is exiting because it has drained.
	Drained struct{ Worker int }
	// Resize sets Options.Maximum. Surplus workers are retired without a cooldown.
	Resize struct{ Maximum int }
	// Restart drains a worker and then replaces it.
	Restart struct{ Worker int }
	// RestartAll restarts all workers, one after the other.
	RestartAll struct{}
	// Stop asks every worker to exit.
	Stop struct{}
	// Kill kills every worker. Workers that have no pid yet are dropped: they die with the host.
	Kill struct{}
	// Tick: the time of Pool.Deadline has come.
	Tick struct{}
)

// Effect is something for the caller to do, one of the types below.
type Effect interface{ effect() }

// The effects.
type (
	// Start asks the host for a worker. Slot is the lowest free one, counted from 0.
	Start struct{ Worker, Slot int }
	// Track records that a process group belongs to a worker from now on.
	Track struct{ Pid int }
	// Terminate asks a worker to exit.
	Terminate struct {
		Worker   int
		Pid      int
		Identity string
	}
	// DrainWorker asks the agent of a worker to exit when its tasks are done. Only emitted after AgentsDrain.
	DrainWorker struct{ Worker int }
	// UndrainWorker revokes a DrainWorker.
	UndrainWorker struct{ Worker int }
	// KillGroup kills the process group of a worker.
	KillGroup struct {
		Pid      int
		Identity string
	}
	// Reap kills the rest of the process group of a worker that has exited, and then has the host reap the worker.
	Reap struct{ Worker, Pid int }
	// Freed: a slot is free again after the end of a worker. Pid is 0 if it never had a process.
	Freed struct {
		Slot     int
		Pid      int
		Identity string
	}
	// Disconnect disconnects a dead worker from the scheduler, in its name. Unheard is set if it cannot do so over its own
	// connection, because the host has moved.
	Disconnect struct {
		Identity string
		Frame    []byte
		Unheard  bool
	}
	// Answer answers StartOne with an identity, or either request with an error.
	Answer struct {
		Request  Request
		Identity string
		Err      error
	}
	// Log writes a line to the log. Fields name the worker it is about, if any.
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
