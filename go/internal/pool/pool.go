// Package pool decides on the workers of one manager: how many there should be, against how many there are, and what is
// to be done about the difference. It is a reducer. Handle takes an event and returns effects for somebody else to
// carry out; it starts nothing, signals nobody, waits for nothing and knows neither the scheduler's wire nor how a
// process is made. What happens when a worker dies is read in exit.go.
package pool

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// Unlimited as Options.Maximum means that there is no bound.
const Unlimited = -1

// Options of a pool.
type Options struct {
	Maximum      int           // the most workers at a time, or Unlimited
	Capacity     int           // the most that this machine can hold, whatever is asked for; 0 means that it is not known
	Bottleneck   string        // what Capacity comes from, for the log
	MaxStarting  int           // the most starts that are asked for and not answered; 0 means no bound
	Replace      bool          // start another one for a worker that died unasked
	Restore      bool          // start another one for a worker that ended for want of a scheduler
	StopTimeout  time.Duration // how long a worker has to end before its process group is killed
	DrainTimeout time.Duration // how long a worker that is not wanted any more may go on with its tasks
	Cooldown     time.Duration // how long fewer workers must have been asked for before any is stopped
	Tell         bool          // say how many workers are registered when that has changed
}

// Snapshot is the pool at a moment, in workers.
type Snapshot struct {
	Desired    int
	Actual     int // wanted ones, whether they run already or not
	Registered int
	Busy       int // of the registered ones, those with tasks
	Draining   int
	Stopping   int
	Failed     int // since the start: ended unasked with an error, or never came to be
	Unreplaced int // of those, the ones in whose place no other was to come
	Ended      int // since the start: all that ended
}

// Stable tells that no wanted worker is still on its way to the scheduler.
func (s Snapshot) Stable() bool { return s.Actual == s.Registered }

// Empty tells that there is no worker, and none is wanted.
func (s Snapshot) Empty() bool { return s.Desired+s.Actual+s.Draining+s.Stopping == 0 }

// Pool is the workers of one manager. It is for one goroutine.
type Pool struct {
	options Options
	now     time.Time // of the event that is being handled
	effects []Effect  // of it

	workers    map[int]*member // by number
	byPid      map[int]*member
	byIdentity map[string]*member
	slots      map[int]bool // taken ones
	lastNumber int
	desired    int
	declined   int // by how many it is less than what was asked for last, for those that ended
	stopping   bool
	hostDown   bool // there is nobody to start workers
	capped     bool // it was said that the machine cannot hold what is asked for
	failed     int
	unreplaced int
	ended      int

	startedCount int
	deaths       map[string]int // by cause

	outage   bool      // there is nobody to work for
	foundAt  time.Time // when the last outage was over
	declines []decline // of the last moments, with Restore

	agentsDrain bool     // agents of workers can drain
	draining    bool     // nobody is started, and what is desired is remembered
	rolling     *rolling // nil without one

	tally      tally
	failures   failures
	cooldownAt time.Time // when a decrease is honoured; zero when none waits
}

// member is a worker of the pool.
type member struct {
	number     int
	slot       int
	state      worker.State
	pid        int
	identity   string
	disconnect []byte    // the frame by which it would take leave of the scheduler
	asked      time.Time // when its start was asked for
	registered bool      // the scheduler has known it
	busy       bool      // it has tasks
	orphaned   bool      // the worker host died, and it with it
	renewed    bool      // another one comes in its place when it has ended
	deadline   time.Time // when its draining, its time to stop or to be killed is over; zero when it has none
	started    Request   // to be answered once it came to be or did not; may be nil
	stopped    *stopping // to be told when it has ended; may be nil

	drainTime time.Duration // how long its draining may take
}

// New makes a pool without workers, whose host is down.
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

// Handle takes an event that happened now and returns what is to be done, in this order.
func (p *Pool) Handle(now time.Time, event Event) []Effect {
	p.now, p.effects = now, nil
	event.apply(p)
	p.roll()
	p.tellRegistered()
	return p.effects
}

// Finished tells that the pool was stopped and the last worker is gone.
func (p *Pool) Finished() bool { return p.stopping && len(p.workers) == 0 }

// Deadline is when a Tick is due, zero when none is.
func (p *Pool) Deadline() time.Time {
	earliest := time.Time{}
	consider := func(t time.Time) {
		if !t.IsZero() && (earliest.IsZero() || t.Before(earliest)) {
			earliest = t
		}
	}
	consider(p.cooldownAt)
	consider(p.tally.due)
	if p.rolling != nil {
		consider(p.rolling.until)
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

// Workers are the workers that have a process now, oldest first.
func (p *Pool) Workers() []Worker {
	var found []Worker
	for _, m := range p.sorted(anyState) {
		if m.pid != 0 {
			found = append(found, Worker{m.number, m.slot, m.pid, m.identity})
		}
	}
	return found
}

// Number is that of the worker whose process has a pid, 0 if there is none.
func (p *Pool) Number(pid int) int {
	if m := p.byPid[pid]; m != nil {
		return m.number
	}
	return 0
}

// Snapshot is the pool now.
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

// actual is how many workers are wanted and there, or on their way.
func (p *Pool) actual() (count int) {
	for _, m := range p.workers {
		if m.state.Wanted() {
			count++
		}
	}
	return count
}

func (p *Pool) do(effect Effect) { p.effects = append(p.effects, effect) }

func (p *Pool) log(level logging.Level, format string, arguments ...any) {
	p.do(Log{Level: level, Format: format, Arguments: arguments})
}

// logOf writes a line about a worker, which the format names first, by "worker %s (pid %d)".
func (p *Pool) logOf(m *member, level logging.Level, format string, arguments ...any) {
	about := logging.Fields{Worker: m.identity, Pid: m.pid}
	p.do(Log{about, level, format, append([]any{m.identity, m.pid}, arguments...)})
}
