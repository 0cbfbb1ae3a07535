// Package pool keeps the workers of a host: how many there should be against how many
// there are. It knows neither the scheduler's wire nor how a process is made.
package pool

import (
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// Unlimited as Options.Maximum means that there is no bound.
const Unlimited = -1

// Launcher makes workers and lets go of their pids. A worker's fate comes back by Pool.Handle.
type Launcher interface {
	Send(protocol.Message) error
}

// Signaller signals a worker's process, or all of its process group, and tells whether there is one.
type Signaller interface {
	Signal(pid int, signal syscall.Signal) error
	SignalGroup(pid int, signal syscall.Signal) error
	Gone(pid int) bool // ended, and waited for by its parent
}

// Options of a pool.
type Options struct {
	Launcher     Launcher
	Signaller    Signaller
	Maximum      int            // the most workers at a time, or Unlimited
	Replace      bool           // start another one for a worker that died unasked
	Constant     bool           // start another one for a worker that ended for want of a scheduler
	StopSignal   syscall.Signal // how a worker is asked to end
	StopTimeout  time.Duration  // how long it then has before its process group is killed
	DrainTimeout time.Duration  // how long a worker that is not wanted any more may go on with its tasks
	Cooldown     time.Duration  // how long fewer workers must have been asked for before any is stopped
	Log          *logging.Logger
	// Settings are for the worker in a slot. Slots count from 0; the lowest free one is taken. May be nil.
	Settings func(slot int) protocol.Settings
	// Changed is called from the pool's goroutine after every change. It must not block.
	Changed func(Snapshot)
	// Abandoned is called from the pool's goroutine for a worker that could not take leave of the
	// scheduler. It must not block. May be nil.
	Abandoned func(identity string, farewell []byte)
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
	Ended      int // since the start: all that ended
}

// Settled tells that no wanted worker is still on its way to the scheduler.
func (s Snapshot) Settled() bool { return s.Actual == s.Registered }

// Empty tells that there is no worker, and none is wanted.
func (s Snapshot) Empty() bool { return s.Desired+s.Actual+s.Draining+s.Stopping == 0 }

// Pool is the workers of one manager. One goroutine, in Run, owns everything below;
// the methods send to it.
type Pool struct {
	options  Options
	requests chan func()
	done     chan struct{}

	workers    map[int]*member // by number
	byPid      map[int]*member
	byIdentity map[string]*member
	slots      map[int]bool // taken ones
	lastNumber int
	desired    int
	stopping   bool
	hostless   bool // there is nobody to start workers
	failed     int
	ended      int

	schedulerless bool      // there is nobody to work for
	foundAt       time.Time // when that was over last
	ends          []end     // of the last moments, with Constant

	youngDeaths int         // in a row
	youngRounds int         // of them, those of workers that were there together counted once
	lastYoung   time.Time   // when the last round began
	retryAt     time.Time   // no start before it
	retry       *time.Timer // fires at retryAt; nil when there is nothing to wait for
	cooldown    *time.Timer // runs while a decrease waits to be honoured; else nil
	reported    Snapshot
}

// member is a worker of the pool.
type member struct {
	number   int
	slot     int
	state    worker.State
	pid      int
	identity string
	farewell []byte
	asked    time.Time
	known    bool                             // to the scheduler
	busy     bool                             // it has tasks
	orphaned bool                             // the worker host died, and it with it
	renewed  bool                             // another one comes in its place when it has ended
	timer    *time.Timer                      // ends its draining or its time to stop
	started  func(identity string, err error) // told once that it came to be or did not; may be nil
	gone     func()                           // told when it has ended; may be nil
}

// New makes a pool without workers.
func New(options Options) *Pool {
	return &Pool{
		options:    options,
		requests:   make(chan func()),
		done:       make(chan struct{}),
		workers:    map[int]*member{},
		byPid:      map[int]*member{},
		byIdentity: map[string]*member{},
		slots:      map[int]bool{},
	}
}

// Run owns the pool until it was stopped and the last worker is gone.
func (p *Pool) Run() {
	defer close(p.done)
	for !p.stopping || len(p.workers) > 0 {
		(<-p.requests)()
		p.report()
	}
	for _, timer := range []*time.Timer{p.retry, p.cooldown} {
		if timer != nil {
			timer.Stop()
		}
	}
}

// Done is closed when Run has ended.
func (p *Pool) Done() <-chan struct{} { return p.done }

// do has the pool's goroutine run f, unless it has ended.
func (p *Pool) do(f func()) {
	select {
	case p.requests <- f:
	case <-p.done:
	}
}

// after has the pool's goroutine run f later.
func (p *Pool) after(delay time.Duration, f func()) *time.Timer {
	return time.AfterFunc(delay, func() { p.do(f) })
}

// Member is a worker that has a process.
type Member struct {
	Pid      int // also its process group
	Identity string
}

// Members are the workers that have a process now.
func (p *Pool) Members() []Member {
	return ask(p, func() []Member {
		members := make([]Member, 0, len(p.byPid))
		for _, m := range p.byPid {
			members = append(members, Member{m.pid, m.identity})
		}
		return members
	})
}

// Smash kills the process group of the worker with a pid, which then counts as one that died.
func (p *Pool) Smash(pid int) {
	p.do(func() {
		if m := p.byPid[pid]; m != nil {
			p.sweep(m)
		}
	})
}

// Snapshot is the pool now; the zero Snapshot when Run has ended.
func (p *Pool) Snapshot() Snapshot { return ask(p, p.snapshot) }

// ask has the pool's goroutine answer a question, with the zero value when it has ended.
func ask[Answer any](p *Pool, question func() Answer) (answer Answer) {
	given := make(chan Answer, 1)
	p.do(func() { given <- question() })
	select {
	case answer = <-given:
	case <-p.done:
	}
	return answer
}

func (p *Pool) snapshot() Snapshot {
	s := Snapshot{Desired: p.desired, Failed: p.failed, Ended: p.ended}
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

func (p *Pool) report() {
	now := p.snapshot()
	if now == p.reported {
		return
	}
	if now.Desired != p.reported.Desired || now.Actual != p.reported.Actual {
		p.options.Log.Debugf("workers: %d desired, %d there", now.Desired, now.Actual)
	}
	p.reported = now
	if p.options.Changed != nil {
		p.options.Changed(now)
	}
}
