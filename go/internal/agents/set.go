// Package agents runs the agents of all workers of a manager: it carries their messages to the scheduler and to the
// processors, and what they ask for to the worker host. One goroutine owns all agents, and reads their connections
// whenever there is something. It waits for nobody.
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

// maxHold is how long processors wait while workers are on their way to the scheduler and none arrives: until then, the
// CPUs are theirs.
const maxHold = 500 * time.Millisecond

// Events of a set. Worker is the number of the one that an event is about.
type (
	// Registered says that the scheduler has answered the worker's first heartbeat.
	Registered struct{ Worker int }
	// Busy and Idle say whether a worker has tasks.
	Busy struct{ Worker int }
	Idle struct{ Worker int }
	// Drained says that a worker ends because it has drained.
	Drained struct{ Worker int }
	// Suspended says that a processor is suspended, or is so no more.
	Suspended struct {
		Worker, Pid int
		Is          bool
	}
	// ProcessorRetired says that a processor of a worker is replaced between two tasks, and why, as agent.Retired does.
	ProcessorRetired struct {
		Identity  string
		Pid       int
		Why, Text string
	}
	// ProcessorDied says that a processor of a worker ended though it was not asked to.
	ProcessorDied struct {
		Worker   int
		Identity string
		Pid      int
		Status   syscall.WaitStatus
		Text     string // how
	}
	// Failed says that the agent of a worker is of no use, so that the worker has to be killed.
	Failed struct{ Worker int }
)

// Options of a set.
type Options struct {
	Agent    agent.Options // of every agent, but for the identity
	Codec    protocol.Codec
	Listener *processors.Listener
	// Dial connects a worker with its scheduler.
	Dial func(ctx context.Context, identity []byte) (transport.Conn, error)
	// Tell queues a message for the worker host. It does not wait.
	Tell func(host.Message)
	// Emit is called with events from the goroutine of Run. It must not wait.
	Emit func(event any)
	// StoreObject stores an object; it has no address when that is not known.
	StoreObject  func(ctx context.Context, address string, id protocol.ObjectID, content []byte) error
	Capabilities []message.Capability
	QueueSize    uint32
	ManagerID    []byte
	Spares       int  // how many spare processors are kept
	Proportional bool // heartbeats tell memory by PSS, and not by RSS
	Log          *logging.Logger
}

// Set is the agents of one manager.
type Set struct {
	options Options
	box     *mailbox.Box[func()] // from the manager
	events  chan func()          // from goroutines, which wait
	closed  chan struct{}
	poll    func() (*readiness.Poller, error)
	leave   time.Duration // leaveTime
	answer  time.Duration // answerTime

	// Of the goroutine of Run.
	ctx        context.Context
	members    map[int]*member // by number of the worker
	byPid      map[int]*member // by pid of a processor
	peers      map[*peer]bool  // all whose connections are read
	unclaimed  map[int]*peer   // of these, processors whose start the host has not told of yet, by pid
	held       []func()        // forks that wait, for patience
	patience   *time.Timer
	holding    bool
	failures   map[int]failure // that the host is asked to make, by request
	requests   int
	usage      *usage
	ended      agent.Statistics // of members that were removed
	shared     shared
	dialing    int               // connections that are being made
	undialed   []*member         // they wait for one
	poller     *readiness.Poller // nil where there is none
	readers    map[uint64]*reader
	tokens     uint64 // of readers, so far
	scratch    []byte // for what is read
	spares     *keeping
	goroutines sync.WaitGroup
}

// New makes a set without agents.
func New(options Options) *Set {
	return &Set{
		options:   options,
		box:       mailbox.New[func()](),
		events:    make(chan func()),
		closed:    make(chan struct{}),
		poll:      readiness.New,
		leave:     leaveTime,
		answer:    answerTime,
		members:   map[int]*member{},
		byPid:     map[int]*member{},
		peers:     map[*peer]bool{},
		unclaimed: map[int]*peer{},
		failures:  map[int]failure{},
		usage:     newUsage(options.Proportional),
		readers:   map[uint64]*reader{},
		spares:    newKeeping(options.Spares),
	}
}

// Close is for a set that was never run.
func (s *Set) Close() { s.options.Listener.Close() }

// Start begins the agent of a worker whose process has a pid. disconnect is the frame by which the worker takes leave
// of the scheduler.
func (s *Set) Start(worker, pid int, identity string, disconnect []byte) {
	s.box.Put(func() {
		s.spares.Came(time.Now(), worker, pid)
		m := s.newMember(worker, pid, identity, disconnect)
		s.members[worker] = m
		s.handle(m, agent.Begin{})
		s.dial(m)
	})
}

// Terminate has a worker end, as soon as its processors have ended or had their time.
func (s *Set) Terminate(worker int) { s.give(worker, agent.Terminate{}) }

// Drain has a worker end when it has finished the tasks that have begun. Those that wait are left to other workers.
func (s *Set) Drain(worker int) { s.give(worker, agent.Drain{}) }

// Undrain has a worker stay after all, unless it was told too late: then Drained has been, or will be, emitted.
func (s *Set) Undrain(worker int) { s.give(worker, agent.Undrain{}) }

// Ended says that a worker's process is no more.
func (s *Set) Ended(worker int) {
	s.box.Put(func() {
		if m := s.members[worker]; m != nil {
			s.remove(m)
		}
	})
}

// HostLost says that the worker host is no more, and no worker's process with it.
func (s *Set) HostLost() {
	s.box.Put(func() {
		for _, m := range s.members {
			s.remove(m)
		}
		clear(s.failures)
		s.spares.Lost()
		s.keepSpares()
	})
}

// Hold says whether workers are on their way to the scheduler.
func (s *Set) Hold(hold bool) {
	s.box.Put(func() {
		s.holding = hold
		if !hold {
			s.release()
		}
		s.keepSpares()
	})
}

func (s *Set) give(worker int, event agent.Event) {
	s.box.Put(func() {
		if m := s.members[worker]; m != nil {
			s.handle(m, event)
		}
	})
}

// handle gives an agent an event and carries out what it asks for. A fault of an agent is its worker's end, and nobody
// else's.
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

// fork asks the host for a processor, now or when the workers that are on their way have registered.
func (s *Set) fork(worker int, storage string) {
	fork := func() {
		s.options.Tell(host.Fork{Worker: worker, Storage: storage})
		s.spares.Needed(time.Now(), worker)
		s.keepSpares()
	}
	if !s.holding {
		fork()
		return
	}
	s.held = append(s.held, fork)
	s.holdOn()
}

// holdOn has what is held wait for maxHold from now on.
func (s *Set) holdOn() {
	if s.patience != nil {
		s.patience.Reset(maxHold)
		return
	}
	s.patience = time.AfterFunc(maxHold, func() { s.box.Put(s.release) })
}

func (s *Set) release() {
	for _, fork := range s.held {
		fork()
	}
	s.held = nil
}
