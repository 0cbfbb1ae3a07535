// Package pool reconciles the workers of one manager: it compares the desired number with the actual one and decides
// which workers to start, drain, stop or replace. It is a reducer: Handle takes an event and returns effects for the
// caller to carry out. It does no I/O, starts no goroutine, and knows neither the scheduler's protocol nor how to
// start a process. See exit.go for what happens when a worker dies.
package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// Unlimited is the Options.Maximum that sets no limit.
const Unlimited = -1

// Options configure a pool.
type Options struct {
	Maximum       int           // most workers at a time, or Unlimited
	Capacity      int           // most workers that this machine can hold; 0 if unknown
	Bottleneck    string        // the resource that limits Capacity, for the log
	MaxStarting   int           // most starts in flight; 0 for no limit
	Replace       bool          // replace workers that die unexpectedly
	Restore       bool          // replace workers that exit because of a scheduler outage
	StopTimeout   time.Duration // from the request to stop until the process group is killed
	DrainTimeout  time.Duration // how long a worker that is scaled down may finish its tasks; 0 stops it at once
	Cooldown      time.Duration // how long a lower count must have been requested before workers are stopped
	LogRegistered bool          // log the number of registered workers when it changes
}

// Snapshot counts the workers of a pool at one moment.
type Snapshot struct {
	Desired    int
	Actual     int // wanted ones: starting, running or registered
	Registered int
	Busy       int // of the registered ones, those with tasks
	Draining   int
	Stopping   int
	Failed     int // since the start: exited unexpectedly with an error, or could not be started
	Unreplaced int // of the failed ones, those that were not replaced
	Ended      int // since the start: all that exited
}

// Stable reports whether every wanted worker has registered.
func (s Snapshot) Stable() bool { return s.Actual == s.Registered }

// Empty reports whether there are no workers and none are desired.
func (s Snapshot) Empty() bool { return s.Desired+s.Actual+s.Draining+s.Stopping == 0 }

// Pool holds the workers of one manager. It is not safe for concurrent use.
type Pool struct {
	options Options
	now     time.Time // when the current event happened
	effects []Effect  // of the current event

	workers    map[int]*member // by number
	byPid      map[int]*member
	byIdentity map[string]*member
	slots      map[int]bool // occupied ones
	lastNumber int
	desired    int
	lost       int // how many workers were lost and not replaced since desired was last set
	stopping   bool
	hostDown   bool // nothing can start workers
	failed     int
	unreplaced int
	ended      int

	capacityWarned bool // until less than the capacity is requested

	startedCount int
	deaths       map[string]int // by cause

	outage      bool      // there is no scheduler
	outageEnded time.Time // when the last outage was over
	losses      []loss    // within outageWindow, with Options.Restore

	agentsDrain    bool            // the agents of workers can drain
	draining       bool            // no worker is started; desired is kept for Resume
	rollingRestart *rollingRestart // nil if there is none

	countLog   countLog
	failures   failures
	cooldownAt time.Time // when a pending decrease takes effect; zero if there is none
}

// member is a worker of the pool.
type member struct {
	number        int
	slot          int
	state         worker.State
	pid           int
	identity      string
	disconnect    []byte // the frame that disconnects it from the scheduler
	requestedAt   time.Time
	registered    bool // it has been registered once
	busy          bool
	orphaned      bool // its host has died, and the worker with it
	replaceOnExit bool
	unheard       bool          // the host has moved, and the worker's connection is dead
	deadline      time.Time     // of draining, stopping or dying; zero if there is none
	drainTime     time.Duration // the time limit of its drain, for the log
	startRequest  Request       // the StartOne to answer; nil if there is none
	stopWaiter    *stopWaiter   // the StopWorkers that waits for its exit; nil if there is none
}

// New returns a pool without workers and without a host.
func New(options Options) *Pool {
	return &Pool{
		options:    options,
		hostDown:   true,
		workers:    map[int]*member{},
		byPid:      map[int]*member{},
		byIdentity: map[string]*member{},
		slots:      map[int]bool{},
	}
}

// Handle processes an event that happened at now, and returns what to do about it, in this order.
func (p *Pool) Handle(now time.Time, event Event) []Effect {
	p.now, p.effects = now, nil
	event.apply(p)
	p.advanceRestart()
	p.logRegistered()
	return p.effects
}

// Finished reports whether the pool was stopped and the last worker has exited.
func (p *Pool) Finished() bool { return p.stopping && len(p.workers) == 0 }

// Deadline returns when the next Tick is due, zero if none is.
func (p *Pool) Deadline() time.Time {
	earliest := time.Time{}
	consider := func(t time.Time) {
		if !t.IsZero() && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	consider(p.cooldownAt)
	consider(p.countLog.due)
	if p.rollingRestart != nil {
		consider(p.rollingRestart.until)
	}
	if !p.stopping && !p.hostDown && !p.outage {
		consider(p.failures.next(p.now))
	}
	for _, m := range p.workers {
		consider(m.deadline)
	}
	return earliest
}

// Worker is a worker that has a process.
type Worker struct {
	Number   int
	Slot     int
	Pid      int // also its process group
	Identity string
}

// Workers returns the workers that have a process, oldest first.
func (p *Pool) Workers() []Worker {
	var found []Worker
	for _, m := range p.sorted(anyState) {
		if m.pid != 0 {
			found = append(found, Worker{m.number, m.slot, m.pid, m.identity})
		}
	}
	return found
}

// Number returns the number of the worker with this pid, 0 if there is none.
func (p *Pool) Number(pid int) int {
	if m := p.byPid[pid]; m != nil {
		return m.number
	}
	return 0
}

// Snapshot returns the current numbers.
func (p *Pool) Snapshot() Snapshot {
	s := Snapshot{Desired: p.desired, Failed: p.failed, Unreplaced: p.unreplaced, Ended: p.ended}
	for _, m := range p.workers {
		switch {
		case m.state == worker.Registered:
			s.Registered++
			s.Actual++
			if m.busy {
				s.Busy++
			}
		case m.state.Wanted():
			s.Actual++
		case m.state == worker.Draining:
			s.Draining++
		default:
			s.Stopping++
		}
	}
	return s
}

// actual returns how many wanted workers there are, including those that are still starting.
func (p *Pool) actual() (count int) {
	for _, m := range p.workers {
		if m.state.Wanted() {
			count++
		}
	}
	return count
}

func (p *Pool) emit(effect Effect) { p.effects = append(p.effects, effect) }

func (p *Pool) log(level logging.Level, format string, arguments ...any) {
	p.emit(Log{Level: level, Format: format, Arguments: arguments})
}

// logWorker logs a line about a worker. The format begins with "worker %s (pid %d)".
func (p *Pool) logWorker(m *member, level logging.Level, format string, arguments ...any) {
	about := logging.Fields{Worker: m.identity, Pid: m.pid}
	p.emit(Log{about, level, format, append([]any{m.identity, m.pid}, arguments...)})
}
