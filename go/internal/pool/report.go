package pool

import (
	"fmt"
	"maps"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// Kind is the kind of a Notice.
type Kind int

// The kinds.
const (
	WorkerStarted Kind = iota
	WorkerRegistered
	WorkerDraining
	WorkerStopped // it exited as requested, or by itself without an error
	WorkerDied
	WorkerRefused // it could not be started
)

// Notice reports a change of a worker to those who watch the pool. It asks for nothing.
type Notice struct {
	Kind     Kind
	Identity string
	Pid      int
	Text     string
}

func (Notice) effect() {}

func (p *Pool) notify(kind Kind, m *member, format string, arguments ...any) {
	p.emit(Notice{kind, m.identity, m.pid, fmt.Sprintf(format, arguments...)})
}

// Totals are counters since the start of the pool.
type Totals struct {
	Started int
	Deaths  map[string]int // workers that died, by exit status or signal as in process.Describe
}

// Totals returns the counters.
func (p *Pool) Totals() Totals { return Totals{p.startedCount, maps.Clone(p.deaths)} }

// countDeath needs no limit: there are 256 exit statuses and 64 signals.
func (p *Pool) countDeath(status syscall.WaitStatus) {
	if p.deaths == nil {
		p.deaths = map[string]int{}
	}
	p.deaths[process.Describe(status)]++
}

// Member describes a worker, with or without a process.
type Member struct {
	Number      int
	Slot        int
	Pid         int // 0 before it has a process
	Identity    string
	State       worker.State
	Busy        bool
	RequestedAt time.Time
}

// Members returns all workers, oldest first.
func (p *Pool) Members() []Member {
	members := make([]Member, 0, len(p.workers))
	for _, m := range p.sorted(anyState) {
		members = append(members, Member{m.number, m.slot, m.pid, m.identity, m.state, m.busy, m.requestedAt})
	}
	return members
}
