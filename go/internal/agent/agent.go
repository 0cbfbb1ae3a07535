// Package agent decides what the agent of one worker does: which task runs when and on which processor, what is sent to
// the scheduler, and when the worker exits. It is a reducer: Handle takes an event and returns effects for the caller
// to carry out. It does no I/O, reads no clock and starts no goroutine.
//
// It replaces the agent process of Scaler's own workers (scaler/worker/agent, read from 1.26.6 to 2.9.0). Intended
// differences are listed in docs/differences.md.
package agent

import (
	"fmt"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// IdleTime is how long an agent must have been without a task before it is reported as idle, so that a stream of short
// tasks does not cause a stream of reports.
const IdleTime = 50 * time.Millisecond

// Options configure an agent.
type Options struct {
	Identity          string        // of the worker, as known to the scheduler
	HeartbeatInterval time.Duration // a heartbeat also waits for the answer to the previous one
	DeathTimeout      time.Duration // quit if the scheduler has not answered for this long
	HardSuspend       bool          // suspend by SIGSTOP instead of Scaler's signal handler
	KillDelay         time.Duration // from SIGTERM to SIGKILL, for a processor
	Storage           bool          // the object storage address is configured rather than sent by the scheduler
	StorageEnds       bool          // the object storage is part of the scheduler process (1.26 and 1.27)
	Recycle           Limits        // of processors
}

// Agent is the agent of one worker. It is not safe for concurrent use.
type Agent struct {
	options Options
	now     time.Time // when the current event happened
	effects []Effect  // of the current event
	held    [][]byte  // frames for the scheduler that the next event sends, see forwardHeld

	tasks      map[string]*task // all tasks that the scheduler expects an answer for, by id
	queue      queue            // those of them that wait to run or to resume
	processors map[int]*processor
	current    *processor // the one that runs tasks; nil if there is none
	forking    bool       // a Fork has no answer yet
	forkedFor  string     // the object storage address of that Fork
	forkFails  int        // consecutive processors that died without a task, or could not be forked
	forkAt     time.Time  // when a delayed fork is due; zero if there is none

	connected   bool
	storage     string    // object storage address sent by the scheduler; empty before that
	lastEcho    time.Time // when the scheduler last answered a heartbeat, initially the start
	sent        time.Time // when the unanswered heartbeat was sent; zero if there is none
	heartbeatAt time.Time
	latency     time.Duration // to the scheduler, one way: half a round trip
	registered  bool
	draining    bool

	statistics Statistics

	busy   bool      // as last reported
	idleAt time.Time // when Idle is due; zero if it is not

	quitting   bool
	status     int             // exit status of the worker
	quit       bool            // Quit was emitted
	unanswered map[string]bool // tasks that were unfinished when the agent began to quit, and may still be cancelled
}

// New returns the agent of a worker whose process exists.
func New(now time.Time, options Options) *Agent {
	options.Recycle.Age = staggeredAge(options.Recycle.Age, options.Identity)
	return &Agent{
		options:    options,
		tasks:      map[string]*task{},
		processors: map[int]*processor{},
		lastEcho:   now,
	}
}

// Handle processes an event that happened at now, and returns what to do about it, in this order.
func (a *Agent) Handle(now time.Time, event Event) []Effect {
	a.now, a.effects = now, nil
	a.forwardHeld()
	event.apply(a)
	a.quitOnceDrained()
	a.reportLoad()
	a.quitOnceEmpty()
	return a.effects
}

// forwardHeld forwards the frames that the previous event held back. A processor announces its result object right
// before it reports its task as done (1.26.0 to 2.9.0); sending both in one write wakes the scheduler once instead of
// twice. Any other event ends the wait.
func (a *Agent) forwardHeld() {
	for _, frame := range a.held {
		a.emit(Forward{frame})
	}
	a.held = nil
}

// Deadline returns when the next Tick is due.
func (a *Agent) Deadline() time.Time {
	earliest := a.lastEcho.Add(a.options.DeathTimeout)
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
			a.logProcessor(p, logging.Warning, "Processor[%d] %s, send SIGKILL.", what)
			a.kill(p)
		}
	}
	if a.quitting {
		return
	}
	if due(a.lastEcho.Add(a.options.DeathTimeout)) {
		a.beginQuit(1, logging.Warning, "no answer of the scheduler for %s, quitting", a.options.DeathTimeout)
		return
	}
	if a.connected && due(a.heartbeatAt) {
		a.sendHeartbeat()
	}
	if due(a.forkAt) {
		a.forkAt = time.Time{}
		a.fork()
	}
	if due(a.retireAt()) {
		a.retire(a.current)
	}
}

// reportLoad emits Busy when the agent has tasks, and Idle when it has had none for IdleTime.
func (a *Agent) reportLoad() {
	switch {
	case a.quitting:
		a.idleAt = time.Time{}
	case len(a.tasks) > 0:
		a.idleAt = time.Time{}
		if !a.busy {
			a.busy = true
			a.emit(Busy{})
		}
	case a.busy && a.idleAt.IsZero():
		a.idleAt = a.now.Add(IdleTime)
	case a.busy && !a.idleAt.After(a.now):
		a.busy, a.idleAt = false, time.Time{}
		a.emit(Idle{})
	}
}

// heartbeat returns the part of a heartbeat that the agent knows.
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
			status.TaskAgeSeconds = uint32(a.now.Sub(p.task.startedAt) / time.Second)
		}
		h.Processors = append(h.Processors, status)
	}
	return h
}

func (a *Agent) emit(effect Effect) { a.effects = append(a.effects, effect) }

// log logs a line about the worker. Lines about processors are worded as in Scaler, for those who search for them.
func (a *Agent) log(level logging.Level, format string, arguments ...any) {
	a.logFields(logging.Fields{}, level, format, arguments...)
}

// logProcessor logs a line about a processor and its task. The format begins with "Processor[%d]".
func (a *Agent) logProcessor(p *processor, level logging.Level, format string, arguments ...any) {
	about := logging.Fields{Processor: p.pid}
	if p.task != nil {
		about.Task = hexadecimal(p.task.id)
	}
	a.logFields(about, level, format, append([]any{p.pid}, arguments...)...)
}

func (a *Agent) logFields(about logging.Fields, level logging.Level, format string, arguments ...any) {
	a.emit(Log{about, level, "WorkerID(%s): " + format, append([]any{a.options.Identity}, arguments...)})
}

func hexadecimal(id string) string { return fmt.Sprintf("%x", id) }
