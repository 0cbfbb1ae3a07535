// Package agent decides what the agent of one worker does: which task runs when and on which processor, what the
// scheduler is told, and when the worker ends. It is a reducer. Handle takes an event and returns effects for somebody
// else to carry out; it does no I/O, reads no clock and starts no goroutine.
//
// It replaces the agent process of Scaler's own workers (scaler/worker/agent, read from 1.26.6 to 2.9.0). Where it
// behaves in another way on purpose, docs/differences.md says so.
package agent

import (
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// IdleTime is how long an agent must have been without a task to count as idle, so that a stream of short tasks is no
// stream of reports.
const IdleTime = 50 * time.Millisecond

// Options of an agent.
type Options struct {
	Identity          string        // the worker's, as the scheduler knows it
	HeartbeatInterval time.Duration // a heartbeat waits for the answer to the one before
	DeathTimeout      time.Duration // the longest that a scheduler may be silent
	HardSuspend       bool          // suspend by SIGSTOP instead of Scaler's own signal handler
	KillDelay         time.Duration // how long a processor may take to end after SIGTERM
	Storage           bool          // the address of the object storage is configured, and not learnt from the scheduler
	StorageEnds       bool          // the object storage is a part of the scheduler, and ends with it (1.26 and 1.27)
	Recycle           Limits        // of processors
}

// Agent is the agent of one worker. It is for one goroutine.
type Agent struct {
	options Options
	now     time.Time // of the event that is being handled
	effects []Effect  // of it
	held    [][]byte  // frames that go to the scheduler before anything else: what follows goes in the same write

	tasks      map[string]*task // all that the scheduler waits for, by id
	queue      queue            // of them, those that are to run or to go on
	processors map[int]*processor
	current    *processor // runs tasks, or will; nil while there is none
	forking    bool       // a processor was asked for, and has no pid yet
	forkedFor  string     // the address of the object storage that it uses
	forkFails  int        // in a row: processors that ended without a task, and forks that failed
	forkAt     time.Time  // when the next one is tried; zero when none waits

	connected   bool
	storage     string    // address that the scheduler told; empty before it did
	echoed      time.Time // last answer of the scheduler, at first the start
	sent        time.Time // the heartbeat that is not answered yet; zero when there is none
	heartbeatAt time.Time
	latency     time.Duration // to the scheduler, one way
	registered  bool
	draining    bool

	statistics Statistics

	busy   bool      // as it was reported
	idleAt time.Time // when it is reported to be idle; zero when it is not to be

	quitting bool
	status   int             // what the worker ends with
	quit     bool            // Quit was given out
	left     map[string]bool // tasks that were here then, and that the scheduler may still cancel
}

// New makes the agent of a worker that has a process now.
func New(now time.Time, options Options) *Agent {
	options.Recycle.Age = ageOf(options.Recycle.Age, options.Identity)
	return &Agent{
		options:    options,
		tasks:      map[string]*task{},
		processors: map[int]*processor{},
		echoed:     now,
	}
}

// Handle takes an event that happened now and returns what is to be done, in this order.
func (a *Agent) Handle(now time.Time, event Event) []Effect {
	a.now, a.effects = now, nil
	a.forwardHeld()
	event.apply(a)
	a.leaveOnceDrained()
	a.reportLoad()
	a.quitOnceEmpty()
	return a.effects
}

// forwardHeld forwards what the event before has left. A processor says that it has stored a result right before it says
// that its task is done (1.26.0 to 2.9.0); to wait for that saves the scheduler a message's wake-up. Whatever else
// happens ends the wait.
func (a *Agent) forwardHeld() {
	for _, frame := range a.held {
		a.do(Forward{frame})
	}
	a.held = nil
}

// Deadline is when a Tick is due.
func (a *Agent) Deadline() time.Time {
	earliest := a.echoed.Add(a.options.DeathTimeout)
	consider := func(t time.Time) {
		if !t.IsZero() && t.Before(earliest) {
			earliest = t
		}
	}
	if a.quitting {
		earliest = a.now.Add(time.Hour)
	}
	if a.connected && !a.quitting {
		consider(a.heartbeatAt)
	}
	consider(a.idleAt)
	consider(a.forkAt)
	for _, p := range a.processors {
		consider(p.killAt)
	}
	consider(a.retireAt())
	return earliest
}

func (Tick) apply(a *Agent) {
	due := func(t time.Time) bool { return !t.IsZero() && !t.After(a.now) }
	for _, p := range a.processors {
		if due(p.killAt) {
			what := "does not terminate in time"
			if !p.ending {
				what = "has closed its connection"
			}
			a.logOf(p, logging.Warning, "Processor[%d] %s, send SIGKILL.", what)
			a.kill(p)
		}
	}
	if a.quitting {
		return
	}
	if due(a.echoed.Add(a.options.DeathTimeout)) {
		a.end(1, logging.Warning, "no answer of the scheduler for %s, quitting", a.options.DeathTimeout)
		return
	}
	if a.connected && due(a.heartbeatAt) {
		a.beat()
	}
	if due(a.forkAt) {
		a.forkAt = time.Time{}
		a.fork()
	}
	if due(a.retireAt()) {
		a.retire(a.current)
	}
}

// reportLoad tells when the agent has tasks, and when it has had none for IdleTime.
func (a *Agent) reportLoad() {
	switch {
	case a.quitting:
		a.idleAt = time.Time{}
	case len(a.tasks) > 0:
		a.idleAt = time.Time{}
		if !a.busy {
			a.busy = true
			a.do(Busy{})
		}
	case a.busy && a.idleAt.IsZero():
		a.idleAt = a.now.Add(IdleTime)
	case a.busy && !a.idleAt.After(a.now):
		a.busy, a.idleAt = false, time.Time{}
		a.do(Idle{})
	}
}

// Heartbeat is what the agent itself knows of its state, for the scheduler.
func (a *Agent) heartbeat() Heartbeat {
	h := Heartbeat{Queued: len(a.queue), Latency: a.latency}
	for _, p := range a.sorted() {
		if p.suspended() {
			h.Queued--
		}
		if !p.initialized {
			continue
		}
		status := protocol.Processor{Pid: uint32(p.pid), Initialized: true, Suspended: p.suspended()}
		if p.task != nil {
			status.HasTask, status.TaskID = true, p.task.id
			status.TaskAgeSeconds = uint32(a.now.Sub(p.task.begun) / time.Second)
		}
		h.Processors = append(h.Processors, status)
	}
	return h
}

func (a *Agent) do(effect Effect) { a.effects = append(a.effects, effect) }

// log writes a line of the worker. Lines about processors are worded as Scaler's, for those who look for them.
func (a *Agent) log(level logging.Level, format string, arguments ...any) {
	a.logAbout(logging.Fields{}, level, format, arguments...)
}

// logOf writes a line about a processor, which the format names first, and its task.
func (a *Agent) logOf(p *processor, level logging.Level, format string, arguments ...any) {
	about := logging.Fields{Processor: p.pid}
	if p.task != nil {
		about.Task = hexadecimal(p.task.id)
	}
	a.logAbout(about, level, format, append([]any{p.pid}, arguments...)...)
}

func (a *Agent) logAbout(about logging.Fields, level logging.Level, format string, arguments ...any) {
	a.do(Log{about, level, "WorkerID(%s): " + format, append([]any{a.options.Identity}, arguments...)})
}

func hexadecimal(id string) string { return fmt.Sprintf("%x", id) }
