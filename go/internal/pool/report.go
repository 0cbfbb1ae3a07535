package pool

import (
	"fmt"
	"maps"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/worker"
)

// Kind is what a Happened is about.
type Kind int

// The kinds.
const (
	WorkerStarted Kind = iota
	WorkerRegistered
	WorkerDraining
	WorkerStopped // it ended as asked, or by itself without an error
	WorkerDied
	WorkerRefused // it never came to be
)

// Happened tells who watches the pool of something that happened to a worker. Nothing is to be done about it.
type Happened struct {
	Kind     Kind
	Identity string
	Pid      int
	Text     string
}

func (Happened) effect() {}

func (p *Pool) tell(kind Kind, m *member, format string, arguments ...any) {
	p.do(Happened{kind, m.identity, m.pid, fmt.Sprintf(format, arguments...)})
}

// Totals are counted since the start.
type Totals struct {
	Started int
	Deaths  map[string]int // of workers that died, by how they did
}

// Totals are those until now.
func (p *Pool) Totals() Totals { return Totals{p.startedCount, maps.Clone(p.deaths)} }

// countDeath bounds the causes: a status has one of 256 values, or one of 64 signals.
func (p *Pool) countDeath(status syscall.WaitStatus) {
	if p.deaths == nil {
		p.deaths = map[string]int{}
	}
	p.deaths[process.Describe(status)]++
}

// Member is a worker, whether it has a process or not.
type Member struct {
	Number   int
	Slot     int
	Pid      int // 0 before it has a process
	Identity string
	State    worker.State
	Busy     bool
	Asked    time.Time // when its start was asked for
}

// Members are all workers, oldest first.
func (p *Pool) Members() []Member {
	members := make([]Member, 0, len(p.workers))
	for _, m := range p.sorted(anyState) {
		members = append(members, Member{m.number, m.slot, m.pid, m.identity, m.state, m.busy, m.asked})
	}
	return members
}
