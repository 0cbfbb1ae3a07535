package node

import (
	"context"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/monitor"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

const (
	// memoryInterval is the least time between two checks of the workers' memory. With many processes it is longer, so
	// that checks take at most 1/memoryShare of a CPU.
	memoryInterval = time.Second
	memoryShare    = 20

	// Workers are checked for stalls stallLooks times per limit, within these bounds.
	leastStallInterval = 100 * time.Millisecond
	mostStallInterval  = 3 * time.Second
	stallLooks         = 10
)

// limitMemory enforces --worker-memory-limit: it warns near the limit, and kills the largest processor above it. The
// worker survives: its agent has the task fail with Scaler's ProcessorDiedError.
func (n *node) limitMemory(ctx context.Context) {
	limit := n.plan.WorkerMemoryLimit
	if limit <= 0 {
		return
	}
	if n.cgroups != nil {
		n.watchCgroups(ctx)
		return
	}
	memory := monitor.NewMemory(limit)
	warned := map[int]bool{} // by pid, until usage is below again
	for interval := memoryInterval; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
		begun := time.Now()
		decisions, err := memory.Decide(n.workers())
		if err != nil {
			n.log.Errorf("cannot enforce --worker-memory-limit: %v", err)
		}
		for _, decision := range decisions {
			n.enforceMemoryLimit(decision, limit, warned)
		}
		interval = max(memoryInterval, memoryShare*time.Since(begun))
	}
}

func (n *node) enforceMemoryLimit(d monitor.Decision, limit int64, warned map[int]bool) {
	used, most := size.Format(d.Bytes), size.Format(limit)
	log := n.logOf(d.Worker.Identity, d.Worker.Pid)
	if d.Level != monitor.Fine && d.Worker.Spare != 0 {
		n.agents.MemoryTight(d.Worker.Number)
	}
	switch {
	case d.Level == monitor.Fine:
		delete(warned, d.Worker.Pid)
	case d.Level == monitor.Near && !warned[d.Worker.Pid]:
		warned[d.Worker.Pid] = true
		log.Warningf("worker %s (pid %d) uses %s of its %s of memory", d.Worker.Identity, d.Worker.Pid, used, most)
	case d.Level == monitor.Over && len(d.Victims) > 0:
		log.With(logging.Fields{Processor: d.Victims[0].Pid}).Errorf(
			"worker %s (pid %d) uses %s, more than its %s of memory: killing its processor %d, whose task fails",
			d.Worker.Identity, d.Worker.Pid, used, most, d.Victims[0].Pid)
		n.do(func() { n.known.killed++ })
		for _, victim := range d.Victims {
			if err := process.KillExactly(victim.Pid, victim.Started, startedNow); err != nil {
				log.With(logging.Fields{Processor: victim.Pid}).Errorf("cannot kill process %d: %v", victim.Pid, err)
			}
		}
	}
}

// startedNow returns the start time of a process, 0 if it has exited.
func startedNow(pid int) uint64 {
	now, _ := procfs.Read(procfs.Root, pid)
	return now.Started
}

// killStalled kills workers that stay stopped. With --restart never they are left alone: nothing would replace them,
// and they may be continued.
func (n *node) killStalled(ctx context.Context) {
	limit := config.Duration(n.plan.UnresponsiveTimeoutSeconds)
	if limit <= 0 || n.plan.Restart == "never" {
		return
	}
	interval := min(max(limit/stallLooks, leastStallInterval), mostStallInterval)
	stalled := monitor.NewStalled(limit, interval)
	every(ctx, interval, func() {
		for _, stall := range stalled.Decide(n.workers()) {
			n.logOf(stall.Worker.Identity, stall.Worker.Pid).Errorf(
				"worker %s (pid %d) has been stopped (SIGSTOP) for %s: killing its process group",
				stall.Worker.Identity, stall.Worker.Pid, stall.For)
			n.handle(pool.KillWorker{Pid: stall.Worker.Pid})
		}
	})
}

// workers returns the workers that have a process, for the monitors.
func (n *node) workers() []monitor.Worker {
	return ask(n, func() []monitor.Worker {
		var found []monitor.Worker
		for _, w := range n.pool.Workers() {
			known := n.processors[w.Number]
			found = append(found, monitor.Worker{
				Number: w.Number, Slot: w.Slot, Pid: w.Pid, Identity: w.Identity, Parent: known.parent,
				Spare: n.spares.Of(w.Number), Suspended: known.suspendedPids(),
			})
		}
		return found
	})
}

// processors holds what is known of the workers' processors, by worker number. Only the loop uses it.
type processors map[int]processorsOfWorker

type processorsOfWorker struct {
	parent    int          // pid of their parent
	suspended map[int]bool // by pid
	latest    int          // pid of the one that started last
}

func (p processorsOfWorker) suspendedPids() (pids []int) {
	for pid := range p.suspended {
		pids = append(pids, pid)
	}
	return pids
}

func (p processors) update(message protocol.Message) {
	switch message := message.(type) {
	case protocol.Parent:
		p[message.Worker] = processorsOfWorker{parent: message.Pid, suspended: map[int]bool{}}
	case protocol.Processor:
		p.suspend(message.Worker, message.Pid, message.State == protocol.ProcessorSuspended)
		if known := p[message.Worker]; message.State == protocol.ProcessorStarted {
			known.latest = message.Pid
			p[message.Worker] = known
		}
	}
}

// suspend records that a processor was suspended or resumed.
func (p processors) suspend(worker, pid int, is bool) {
	known := p[worker]
	if known.suspended == nil { // not seen before: the worker itself is the parent
		known.suspended = map[int]bool{}
		p[worker] = known
	}
	if is {
		known.suspended[pid] = true
	} else {
		delete(known.suspended, pid)
	}
}
