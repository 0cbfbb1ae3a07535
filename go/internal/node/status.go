package node

import (
	"context"
	"encoding/hex"
	"maps"
	"os"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
	"github.com/scaler-native/scaler-native/go/internal/version"
)

// Status returns the manager's state. The loop of the pool and that of the agents are asked once each; slow readings
// are made on this goroutine. See control.Manager.
func (n *node) Status(ctx context.Context, proportional bool) (state.Manager, error) {
	var set *agents.Set
	found := ask(n, func() *state.Manager {
		set = n.agents
		return n.status()
	})
	if found == nil {
		return state.Manager{}, control.ErrEnded
	}
	if set != nil {
		if report, ok := set.Report(ctx); ok {
			addReport(found, report)
		}
	}
	if proportional {
		addProportional(found)
	}
	addSelf(found)
	return *found, nil
}

// Events returns those of the journal. See control.Manager.
func (n *node) Events(after uint64) ([]state.Event, <-chan struct{}) { return n.journal.After(after) }

// status returns what the loop knows.
func (n *node) status() *state.Manager {
	k, s, totals := n.known, n.pool.Snapshot(), n.pool.Totals()
	m := &state.Manager{
		Version:     state.Version,
		ID:          n.plan.WorkerManagerID,
		Pid:         os.Getpid(),
		Program:     version.Version,
		Started:     k.started,
		Now:         time.Now(),
		Phase:       n.phase(),
		Mode:        n.plan.Mode,
		Scaler:      k.ready.Scaler,
		Python:      k.ready.Python,
		Interpreter: n.plan.interpreter.Path,
		Agent:       k.agent,
		WhyAgent:    k.whyAgent,
		Scheduler: state.Scheduler{
			Address: n.plan.scheduler.String(), Protocol: k.spoken, Connected: k.connected, Reconnects: k.reconnects,
		},
		Workers: state.Workers{
			Desired: s.Desired, Actual: s.Actual, Registered: s.Registered, Busy: s.Busy,
			Draining: s.Draining, Stopping: s.Stopping,
			Started: totals.Started, Ended: s.Ended, Failed: s.Failed, Deaths: totals.Deaths,
			HostRestarts: k.hostLosses, Recycled: maps.Clone(k.recycled),
		},
		Waits:   histogram(agent.Histogram{}),
		Runs:    histogram(agent.Histogram{}),
		Spares:  state.Spares{Ready: len(n.spares.Waiting), Bytes: uint64(n.spares.Bytes)},
		Members: []state.Worker{},

		MemoryKind:  state.RSS,
		MemoryLimit: n.memoryLimit(),
	}
	if mode, ok := n.mode.(*dynamic); ok {
		m.Scheduler.Latency = mode.session.Latency().Seconds()
	}
	for _, w := range n.pool.Members() {
		m.Members = append(m.Members, worker(w))
	}
	return m
}

func worker(w pool.Member) state.Worker {
	return state.Worker{
		ID: w.Identity, Number: w.Number, Slot: w.Slot, Pid: w.Pid, State: w.State.String(), Busy: w.Busy,
		Started: w.RequestedAt,
	}
}

// addReport adds what the agents know.
func addReport(m *state.Manager, report agents.Report) {
	if report.Proportional {
		m.MemoryKind = state.PSS
	}
	m.Tasks = tasks(agent.View{}, &report.Statistics)
	m.Waits, m.Runs = histogram(report.Statistics.Waits), histogram(report.Statistics.Runs)
	latency, answered := time.Duration(0), 0
	for i := range m.Members {
		w := &m.Members[i]
		known, ok := report.Workers[w.Number]
		if !ok {
			continue
		}
		if known.Latency > 0 {
			latency += known.Latency
			answered++
		}
		w.Tasks = tasks(known.View, &known.Statistics)
		m.Tasks.Queued += known.Queued
		m.Tasks.Running += known.Running
		for _, p := range known.Processors {
			used := known.Used[p.Pid]
			w.CPU += used.CPU
			w.Memory += used.Memory
			w.Processors = append(w.Processors, processor(p, used))
		}
	}
	if m.Scheduler.Latency == 0 && answered > 0 {
		m.Scheduler.Latency = (latency / time.Duration(answered)).Seconds()
	}
}

func processor(p agent.ProcessorView, used agents.Used) state.Processor {
	shown := state.Processor{
		Pid: p.Pid, State: p.State, Started: p.Started, Tasks: p.Tasks, CPU: used.CPU, Memory: used.Memory,
	}
	if t := p.Task; t != nil {
		shown.Task = &state.Task{ID: hex.EncodeToString([]byte(t.ID)), Priority: int(t.Priority), Began: t.Began}
	}
	return shown
}

func tasks(v agent.View, s *agent.Statistics) state.Tasks {
	return state.Tasks{
		Queued: v.Queued, Running: v.Running,
		Succeeded: s.Succeeded, Failed: s.Failed, Cancelled: s.Cancelled, Died: s.Died,
	}
}

func histogram(h agent.Histogram) state.Histogram {
	shown := state.Histogram{Counts: h.Counts[:], Sum: h.Sum.Seconds()}
	for _, bound := range agent.Bounds {
		shown.Bounds = append(shown.Bounds, bound.Seconds())
	}
	return shown
}

// addProportional sets the memory of workers to the PSS of all their processes. That is slow: the kernel walks all
// pages of each.
func addProportional(m *state.Manager) {
	m.MemoryKind = state.PSS
	for i := range m.Members {
		w := &m.Members[i]
		w.Memory = pssOf(w.Pid)
		for j := range w.Processors {
			p := &w.Processors[j]
			p.Memory = pssOf(p.Pid)
			w.Memory += p.Memory
		}
	}
}

func pssOf(pid int) uint64 {
	bytes, _ := procfs.ProportionalBytes(procfs.Root, pid) // 0 if it has exited
	return uint64(max(bytes, 0))
}

func addSelf(m *state.Manager) {
	own, err := procfs.OpenStat(procfs.Root, m.Pid)
	if err != nil {
		return
	}
	defer own.Close()
	if used, ok := own.Read(); ok {
		m.CPU, m.RSS = used.CPU.Seconds(), used.Resident
	}
}
