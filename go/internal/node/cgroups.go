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

// The values of --worker-memory-limit-by.
const (
	limitByCgroup = "cgroup"
	limitByPSS    = "pss"
)

// worstOOMScore makes a process the kernel's first victim in its cgroup: it counts as much as the whole limit.
const worstOOMScore = "1000"

// cgroups are the cgroups of workers, by slot, and the kernel's kills in them. Only the loop uses them.
type cgroups struct {
	*cgroup.Tree
	reported map[int]uint64 // reported kills
	seen     map[int]uint64 // kills at the last check; the death of a processor may still explain them
}

// openCgroups prepares the manager's cgroup to hold those of workers. If that is not possible, why is the reason; it is
// empty if cgroups are not wanted.
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

// settings returns the settings of the worker in a slot, with a cgroup if workers have one.
func (n *node) settings(slot int) (settings protocol.Settings, err error) {
	settings = n.plan.settings(slot)
	if n.cgroups != nil {
		if settings.Cgroup, err = n.cgroups.Make(slot); err != nil {
			return settings, fmt.Errorf("cannot create its cgroup: %w", err)
		}
		if _, known := n.cgroups.reported[slot]; !known { // the cgroup of a previous worker may not have been removed
			n.cgroups.reported[slot] = n.cgroups.Kills(slot)
			n.cgroups.seen[slot] = n.cgroups.reported[slot]
		}
	}
	return settings, err
}

// freeCgroup removes the cgroup of a worker that has exited, after it has reported the last kills in it.
func (n *node) freeCgroup(freed pool.Freed) {
	if n.cgroups == nil {
		return
	}
	if freed.Pid != 0 {
		for kills := n.cgroups.Kills(freed.Slot); n.cgroups.reported[freed.Slot] < kills; n.cgroups.reported[freed.Slot]++ {
			n.reportKill(freed.Identity, freed.Pid)
		}
	}
	n.cgroups.Remove(freed.Slot)
	delete(n.cgroups.reported, freed.Slot)
	delete(n.cgroups.seen, freed.Slot)
}

// explainDeath returns an addition to the cause of a processor's death if the kernel killed it because of the memory
// limit. The kernel counts a kill before it sends the signal.
func (n *node) explainDeath(died agents.ProcessorDied) string {
	if n.cgroups == nil || !died.Status.Signaled() || died.Status.Signal() != syscall.SIGKILL {
		return ""
	}
	for _, w := range n.pool.Workers() {
		if w.Number == died.Worker && n.cgroups.Kills(w.Slot) > n.cgroups.reported[w.Slot] {
			n.cgroups.reported[w.Slot]++
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

// allow stops counting what a killed process has left in /dev/shm against its worker's limit.
func (n *node) allow(w pool.Worker) {
	if err := n.cgroups.Allow(w.Slot); err != nil {
		n.logOf(w.Identity, w.Pid).Warningf(
			"cannot change the memory limit of worker %s (pid %d): %v", w.Identity, w.Pid, err)
	}
}

// preferRunning makes the kernel kill a running processor before a suspended one, which may be larger: in Scaler up to
// 2.6.0 the death of a suspended processor ends or blocks its worker. It is called when this processor starts, is
// suspended or resumes. The message about a suspension may arrive after the one about the next processor's start.
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
			return // it has just exited
		}
		for _, p := range []int{pid, known.latest} {
			score := ofWorker
			if !known.suspended[p] {
				score = []byte(worstOOMScore)
			}
			if n.cgroups.Holds(w.Slot, p) { // the pid may have been reused
				_ = os.WriteFile(oomScore(p), score, 0o600)
			}
		}
	}
}

func oomScore(pid int) string { return filepath.Join(procfs.Root, strconv.Itoa(pid), "oom_score_adj") }

// reportKill reports the kill of a process that is not a processor: a task has started it.
func (n *node) reportKill(identity string, pid int) {
	n.known.killed++
	most := size.Format(n.plan.WorkerMemoryLimit)
	n.logOf(identity, pid).Errorf(
		"worker %s (pid %d) used more than its %s of memory: the kernel killed one of its processes", identity, pid, most)
	n.journal.Add(state.Event{
		Kind: state.ProcessKilled, Worker: identity, Pid: pid,
		Text: "by the kernel: the worker was over its memory limit of " + most,
	})
}

// watchCgroups warns about workers near the limit, and reports the kernel's kills, until ctx ends.
func (n *node) watchCgroups(ctx context.Context) {
	tree, limit := n.cgroups.Tree, n.plan.WorkerMemoryLimit
	warned := map[int]bool{}
	var kills uint64 // of all workers, at the last check
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
				continue // it has just exited
			}
			level := monitor.Fine
			if used > limit-limit/10 {
				level = monitor.Near
			}
			n.enforceMemoryLimit(monitor.Decision{Worker: w, Level: level, Bytes: used}, limit, warned)
		}
		if now := tree.AllKills(); now != kills {
			if ask(n, n.reportKills) {
				kills = now
			}
		}
		n.do(n.cgroups.Sweep)
		interval = max(memoryInterval, memoryShare*time.Since(begun))
	}
}

// reportKills reports kills that no death of a processor has explained since the previous check. It returns whether all
// kills have been reported.
func (n *node) reportKills() (all bool) {
	all = true
	for _, w := range n.pool.Workers() {
		c := n.cgroups
		for ; c.reported[w.Slot] < c.seen[w.Slot]; c.reported[w.Slot]++ {
			n.reportKill(w.Identity, w.Pid)
			n.allow(w)
		}
		c.seen[w.Slot] = c.Kills(w.Slot)
		all = all && c.seen[w.Slot] == c.reported[w.Slot]
	}
	return all
}

// memoryLimit returns the part of the status about the memory limit.
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
