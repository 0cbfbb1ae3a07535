// Package agents runs the agents of all workers of a manager. It connects them to the scheduler and to their
// processors, and carries out their effects. One goroutine owns all agents and reads all connections; it never blocks
// on one of them.
package agents

import (
	"context"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agent/processors"
	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	host "github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/mailbox"
	"github.com/scaler-native/scaler-native/go/internal/message"
	"github.com/scaler-native/scaler-native/go/internal/readiness"
	"github.com/scaler-native/scaler-native/go/internal/transport"
)

// maxHold is how long forks of processors are held back while workers are connecting and no further one registers:
// until then the workers need the CPUs.
const maxHold = 500 * time.Millisecond

// Events of a Set, passed to Options.Emit. Worker is the number of the worker.
type (
	// Registered: the scheduler has answered the worker's first heartbeat.
	Registered struct{ Worker int }
	// Busy: the worker has tasks.
	Busy struct{ Worker int }
	// Idle: the worker has no more tasks.
	Idle struct{ Worker int }
	// Drained: the worker is exiting because it has drained.
	Drained struct{ Worker int }
	// Suspended: a processor was suspended, or resumed if Is is false.
	Suspended struct {
		Worker, Pid int
		Is          bool
	}
	// ProcessorRetired: a processor is replaced between two tasks. Why and Text are those of agent.Retired.
	ProcessorRetired struct {
		Identity  string
		Pid       int
		Why, Text string
	}
	// ProcessorDied: a processor exited unexpectedly.
	ProcessorDied struct {
		Worker   int
		Identity string
		Pid      int
		Status   syscall.WaitStatus
		Text     string // exit status or signal
	}
	// Failed: the agent of the worker failed, so the worker has to be killed.
	Failed struct{ Worker int }
)

// Options configure a Set.
type Options struct {
	Agent    agent.Options // of every agent, without the identity
	Codec    protocol.Codec
	Listener *processors.Listener
	// Dial connects a worker to its scheduler.
	Dial func(ctx context.Context, identity []byte) (transport.Conn, error)
	// Tell queues a message for the worker host. It must not block.
	Tell func(host.Message)
	// Emit is called with each event, on the goroutine of Run. It must not block.
	Emit func(event any)
	// StoreObject stores an object. An empty address means the configured object storage.
	StoreObject  func(ctx context.Context, address string, id protocol.ObjectID, content []byte) error
	Capabilities []message.Capability
	QueueSize    uint32
	ManagerID    []byte
	Spares       int  // number of spare processors
	Proportional bool // heartbeats report memory as PSS rather than RSS
	Log          *logging.Logger
}

// Set holds the agents of one manager. Its exported methods may be called from any goroutine.
type Set struct {
	options Options
	box     *mailbox.Box[func()] // calls from the manager; never blocks it
	events  chan func()          // calls from own goroutines, which block until they run
	closed  chan struct{}
	poll    func() (*readiness.Poller, error)
	leave   time.Duration // lingerTime, shorter in tests
	answer  time.Duration // disconnectAnswerTimeout, shorter in tests
	silence time.Duration // the constant, shorter in tests

	// Of the goroutine of Run.
	ctx        context.Context
	members    map[int]*member // by worker number
	byPid      map[int]*member // by processor pid
	peers      map[*peer]bool  // all open connections of processors
	unclaimed  map[int]*peer   // those whose processor the host has not reported yet, by pid
	held       []func()        // forks held back until holdTimer
	holdTimer  *time.Timer
	holding    bool
	failures   map[int]failure // requested from the host, by request number
	requests   int
	usage      *usage
	ended      agent.Statistics // of removed members
	shared     shared
	dialing    int               // connections being opened
	undialed   []*member         // waiting for one of those to be done
	poller     *readiness.Poller // nil if not supported
	readers    map[uint64]*reader
	tokens     uint64 // number of readers so far
	scratch    []byte // read buffer
	spares     *spareKeeper
	goroutines sync.WaitGroup
}

// New returns a Set without agents.
func New(options Options) *Set {
	return &Set{
		options:   options,
		box:       mailbox.New[func()](),
		events:    make(chan func()),
		closed:    make(chan struct{}),
		poll:      readiness.New,
		leave:     lingerTime,
		answer:    disconnectAnswerTimeout,
		silence:   silence,
		members:   map[int]*member{},
		byPid:     map[int]*member{},
		peers:     map[*peer]bool{},
		unclaimed: map[int]*peer{},
		failures:  map[int]failure{},
		usage:     newUsage(options.Proportional),
		readers:   map[uint64]*reader{},
		spares:    newSpareKeeper(options.Spares),
	}
}

// Close closes a Set that is not run.
func (s *Set) Close() { s.options.Listener.Close() }

// Start starts the agent of a worker whose process has a pid. disconnect is the frame that disconnects the worker from
// the scheduler.
func (s *Set) Start(worker, pid int, identity string, disconnect []byte) {
	s.box.Put(func() {
		s.spares.WorkerStarted(time.Now(), worker, pid)
		m := s.newMember(worker, pid, identity, disconnect)
		s.members[worker] = m
		s.handle(m, agent.Start{})
		s.dial(m)
	})
}

// Terminate has a worker quit once its processors have exited or were killed.
func (s *Set) Terminate(worker int) { s.post(worker, agent.Terminate{}) }

// Drain has a worker quit when the tasks that have started are done. Queued tasks are left to other workers.
func (s *Set) Drain(worker int) { s.post(worker, agent.Drain{}) }

// Undrain revokes Drain. If it is too late for that, Drained is emitted.
func (s *Set) Undrain(worker int) { s.post(worker, agent.Undrain{}) }

// Ended removes a worker whose process has exited.
func (s *Set) Ended(worker int) {
	s.box.Put(func() {
		if m := s.members[worker]; m != nil {
			s.remove(m)
		}
	})
}

// HostLost removes all workers, whose processes have died with the host.
func (s *Set) HostLost() {
	s.box.Put(func() {
		for _, m := range s.members {
			s.remove(m)
		}
		clear(s.failures)
		s.spares.HostLost()
		s.keepSpares()
	})
}

// Hold sets whether workers are connecting to the scheduler. Forks of processors are held back meanwhile.
func (s *Set) Hold(hold bool) {
	s.box.Put(func() {
		s.holding = hold
		if !hold {
			s.release()
		}
		s.keepSpares()
	})
}

func (s *Set) post(worker int, event agent.Event) {
	s.box.Put(func() {
		if m := s.members[worker]; m != nil {
			s.handle(m, event)
		}
	})
}

// handle passes an event to an agent and carries out the effects. A panic of an agent ends only its worker.
func (s *Set) handle(m *member, event agent.Event) {
	defer func() {
		if fault := recover(); fault != nil {
			m.log.Errorf("the agent of worker %s failed: %v\n%s", m.identity, fault, debug.Stack())
			s.remove(m)
			s.options.Emit(Failed{m.number})
		}
	}()
	for _, effect := range m.agent.Handle(time.Now(), event) {
		s.execute(m, effect)
	}
	m.scheduler.outbox.flush()
	m.schedule()
}

// fork requests a processor from the host, at once or when the workers that are connecting have registered.
func (s *Set) fork(worker int, storage string) {
	fork := func() {
		s.options.Tell(host.Fork{Worker: worker, Storage: storage})
		s.spares.ProcessorNeeded(time.Now(), worker)
		s.keepSpares()
	}
	if !s.holding {
		fork()
		return
	}
	s.held = append(s.held, fork)
	s.extendHold()
}

// extendHold restarts the wait of forks that are held back.
func (s *Set) extendHold() {
	if s.holdTimer != nil {
		s.holdTimer.Reset(maxHold)
		return
	}
	s.holdTimer = time.AfterFunc(maxHold, func() { s.box.Put(s.release) })
}

func (s *Set) release() {
	for _, fork := range s.held {
		fork()
	}
	s.held = nil
}
