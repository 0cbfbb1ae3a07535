package node

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agents"
	"github.com/scaler-native/scaler-native/go/internal/cgroup"
	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/host/protocol"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/monitor"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

// What enforces the limit of memory, as --worker-memory-limit-by has it.
const (
	limitByCgroup = "cgroup"
	limitByPSS    = "pss"
)

// worstOOMScore has the kernel prefer a process to all others in its cgroup: it stands for as much memory as the limit.
const worstOOMScore = "1000"

// cgroups are those of the workers, by slot, with what is known of whom the kernel has killed in them. They belong to the
// loop.
type cgroups struct {
	*cgroup.Tree
	told map[int]uint64 // kills that were told of
	seen map[int]uint64 // kills at the last look, which the death of a processor may explain yet
}

// openCgroups makes the cgroup of the manager one that can have some of workers. Without them, why says what is amiss; it is
// empty where none are wanted.
func openCgroups(c *config.Config, log *logging.Logger) (made *cgroups, why string, err error) {
	if c.WorkerMemoryLimit <= 0 || c.WorkerMemoryLimitBy == limitByPSS {
		return nil, "", nil
	}
	place, err := cgroup.Own(procfs.Root)
	var tree *cgroup.Tree
	if err == nil {
		tree, err = cgroup.Open(place, c.WorkerMemoryLimit)
	}
	switch {
	case err == nil:
		log.Infof("the kernel enforces the memory limit of workers: each has a cgroup below %s", tree.Folder())
		return &cgroups{tree, map[int]uint64{}, map[int]uint64{}}, "", nil
	case c.WorkerMemoryLimitBy == limitByCgroup:
		return nil, "", fmt.Errorf("cannot use --worker-memory-limit-by cgroup: %w", err)
	}
	log.Infof("the memory limit of workers is enforced by PSS, once a second, and not by the kernel: %v", err)
	return nil, err.Error(), nil
}

func (n *node) closeCgroups() {
	if n.cgroups == nil {
		return
	}
	if err := n.cgroups.Close(sweepTime); err != nil {
		n.log.Warningf("cannot remove the cgroups of workers: %v", err)
	}
}

// settings are what the worker in a slot is given, with a cgroup if it is to have one.
func (n *node) settings(slot int) (settings protocol.Settings, err error) {
	settings = n.plan.settings(slot)
	if n.cgroups != nil {
		if settings.Cgroup, err = n.cgroups.Make(slot); err != nil {
			return settings, fmt.Errorf("cannot make its cgroup: %w", err)
		}
		if _, known := n.cgroups.told[slot]; !known { // there are some if it could not be removed meanwhile
			n.cgroups.told[slot] = n.cgroups.Kills(slot)
			n.cgroups.seen[slot] = n.cgroups.told[slot]
		}
	}
	return settings, err
}

// freeCgroup removes the cgroup of a worker that has ended, after the last kills in it were told of.
func (n *node) freeCgroup(freed pool.Freed) {
	if n.cgroups == nil {
		return
	}
	for kills := n.cgroups.Kills(freed.Slot); n.cgroups.told[freed.Slot] < kills && freed.Pid != 0; n.cgroups.told[freed.Slot]++ {
		n.tellKill(freed.Identity, freed.Pid)
	}
	n.cgroups.Remove(freed.Slot)
	delete(n.cgroups.told, freed.Slot)
	delete(n.cgroups.seen, freed.Slot)
}

// explainDeath says, behind how a processor died, that the kernel killed it for its worker's memory, if it did. The kernel
// counts a kill before it signals.
func (n *node) explainDeath(died agents.ProcessorDied) string {
	if n.cgroups == nil || !died.Status.Signaled() || died.Status.Signal() != syscall.SIGKILL {
		return ""
	}
	for _, w := range n.pool.Workers() {
		if w.Number == died.Worker && n.cgroups.Kills(w.Slot) > n.cgroups.told[w.Slot] {
			n.cgroups.told[w.Slot]++
			n.known.killed++
			n.allow(w)
			most := size.Format(n.plan.WorkerMemoryLimit)
			n.logOf(w.Identity, w.Pid).With(logging.Fields{Processor: died.Pid}).Errorf(
				"worker %s (pid %d) used more than its %s of memory: the kernel killed its processor %d",
				w.Identity, w.Pid, most, died.Pid)
			return fmt.Sprintf(", by the kernel: its worker was over its memory limit of %s", most)
		}
	}
	return ""
}

// allow has what a killed process left in /dev/shm count no more for its worker.
func (n *node) allow(w pool.Worker) {
	if err := n.cgroups.Allow(w.Slot); err != nil {
		n.logOf(w.Identity, w.Pid).Warningf("cannot change the memory limit of worker %s (pid %d): %v", w.Identity, w.Pid, err)
	}
}

// preferRunning has the kernel kill a processor that runs rather than one that is suspended and may be larger: in Scaler up
// to 2.6.0 the death of a suspended one ends or blocks its worker. It is called when this processor has started, was
// suspended or goes on. The news that one was suspended may come after that of the start of the next one.
func (n *node) preferRunning(worker, pid int) {
	known := n.processors[worker]
	if n.cgroups == nil || len(known.suspended) == 0 {
		return
	}
	for _, w := range n.pool.Workers() {
		if w.Number != worker {
			continue
		}
		ofWorker, err := os.ReadFile(oomScore(w.Pid))
		if err != nil {
			return // it has just ended
		}
		for _, p := range []int{pid, known.latest} {
			score := ofWorker
			if !known.suspended[p] {
				score = []byte(worstOOMScore)
			}
			if n.cgroups.Holds(w.Slot, p) { // the pid may be another process's by now
				_ = os.WriteFile(oomScore(p), score, 0o600)
			}
		}
	}
}

func oomScore(pid int) string { return filepath.Join(procfs.Root, strconv.Itoa(pid), "oom_score_adj") }

// tellKill tells of a kill that is not that of a processor: a task has started that process.
func (n *node) tellKill(identity string, pid int) {
	n.known.killed++
	most := size.Format(n.plan.WorkerMemoryLimit)
	n.logOf(identity, pid).Errorf("worker %s (pid %d) used more than its %s of memory: the kernel killed one of its processes",
		identity, pid, most)
	n.journal.Add(state.Event{
		Kind: state.ProcessKilled, Worker: identity, Pid: pid, Text: "by the kernel: the worker was over its memory limit of " + most,
	})
}

// watchCgroups warns of workers that are near the limit, and tells whom the kernel has killed, until ctx ends.
func (n *node) watchCgroups(ctx context.Context) {
	tree, limit := n.cgroups.Tree, n.plan.WorkerMemoryLimit
	warned := map[int]bool{}
	var kills uint64 // of all workers, at the last look
	for interval := memoryInterval; ; {
		select {
		case <-ctx.Done():
			return
		case <-time.After(interval):
		}
		begun := time.Now()
		workers := n.workers()
		for _, w := range workers {
			used, err := tree.Used(w.Slot)
			if err != nil {
				continue // it has just ended
			}
			level := monitor.Fine
			if used > limit-limit/10 {
				level = monitor.Near
			}
			n.enforceMemoryLimit(monitor.Decision{Worker: w, Level: level, Bytes: used}, limit, warned)
		}
		if now := tree.AllKills(); now != kills {
			if ask(n, n.tellKills) {
				kills = now
			}
		}
		n.do(n.cgroups.Sweep)
		interval = max(memoryInterval, memoryShare*time.Since(begun))
	}
}

// tellKills tells of kills that no death of a processor has explained from one look to the next. It returns whether none
// is left that may be explained.
func (n *node) tellKills() (all bool) {
	all = true
	for _, w := range n.pool.Workers() {
		known := n.cgroups
		for ; known.told[w.Slot] < known.seen[w.Slot]; known.told[w.Slot]++ {
			n.tellKill(w.Identity, w.Pid)
			n.allow(w)
		}
		known.seen[w.Slot] = known.Kills(w.Slot)
		all = all && known.seen[w.Slot] == known.told[w.Slot]
	}
	return all
}

// memoryLimit is what the status says of the limit.
func (n *node) memoryLimit() *state.MemoryLimit {
	if n.plan.WorkerMemoryLimit <= 0 {
		return nil
	}
	l := &state.MemoryLimit{
		Bytes: uint64(n.plan.WorkerMemoryLimit), By: limitByPSS, Why: n.whyNoCgroups, Kills: n.known.killed,
	}
	if n.cgroups != nil {
		l.By = limitByCgroup
	}
	return l
}
