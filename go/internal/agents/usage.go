package agents

import (
	"context"
	"os"
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
	"github.com/scaler-native/scaler-native/go/internal/backoff"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// usage is what processors use of the machine, read once for all agents. It belongs to the loop, but for what mu guards.
type usage struct {
	proportional bool
	self         *procfs.Stat
	selfTime     cpuShare
	processes    map[int]*processUsage
	hostname     string
	machine      machine

	mu     sync.Mutex // guards below
	pids   []int
	memory map[int]uint64 // PSS by pid
}

// processUsage is one process. Its stat is kept open, which is faster to read, and never tells of another process.
type processUsage struct {
	stat   *procfs.Stat
	cpu    cpuShare
	last   procfs.Usage
	readAt time.Time // of last
	weight weight
	told   Used
}

// fresh is how long a reading is as good as a new one, at the end of a task for the begin of the next: the kernel tells
// CPU time in steps of ten times that.
const fresh = time.Millisecond

// read tells what the process uses, and whether it is there; a nil one is not.
func (p *processUsage) read(now time.Time) (procfs.Usage, bool) {
	if p == nil {
		return procfs.Usage{}, false
	}
	if now.Sub(p.readAt) < fresh {
		return p.last, true
	}
	read, ok := p.stat.Read()
	if ok {
		p.last, p.readAt = read, now
	}
	return read, ok
}

func newUsage(proportional bool) *usage {
	hostname, _ := os.Hostname()
	self, _ := procfs.OpenStat(procfs.Root, os.Getpid())
	return &usage{
		proportional: proportional, self: self, processes: map[int]*processUsage{},
		hostname: hostname, memory: map[int]uint64{},
	}
}

func (u *usage) add(pid int) {
	stat, err := procfs.OpenStat(procfs.Root, pid)
	if err != nil {
		stat = nil // it has ended, or there is no descriptor: it counts as one that uses nothing
	}
	u.processes[pid] = &processUsage{stat: stat}
}

func (u *usage) forget(pid int) {
	if p := u.processes[pid]; p != nil {
		p.stat.Close()
		delete(u.processes, pid)
	}
}

// fill adds to a heartbeat what is measured. Its agent is a part of this process, one of a number of equal ones.
func (u *usage) fill(h *protocol.Heartbeat, agents int) {
	now := time.Now()
	if own, ok := u.self.Read(); ok {
		h.Agent = protocol.Resource{
			CPU:    u.selfTime.since(now, own.CPU) / uint16(max(agents, 1)),
			Memory: own.Resident / uint64(max(agents, 1)),
		}
	}
	for i := range h.Processors {
		h.Processors[i].Resource = u.of(now, int(h.Processors[i].Pid))
	}
	h.Hostname = u.hostname
	u.machine.fill(now, h)
}

func (u *usage) of(now time.Time, pid int) protocol.Resource {
	p := u.processes[pid]
	read, ok := p.read(now)
	if !ok {
		return protocol.Resource{}
	}
	resource := protocol.Resource{CPU: p.cpu.since(now, read.CPU), Memory: read.Resident}
	p.told = Used{CPU: float64(resource.CPU) / 1000, Memory: read.Resident}
	if u.proportional {
		u.mu.Lock()
		known, ok := u.memory[pid]
		u.mu.Unlock()
		if p.told.Memory = known; ok { // a scheduler hears of RSS before there is a figure, as from Scaler's agent
			resource.Memory = known
		}
	}
	return resource
}

// cpuShare tells how much of a CPU was used between two looks.
type cpuShare struct {
	at   time.Time
	used time.Duration
}

// since returns the share in per mille of a CPU; 0 at the first look.
func (c *cpuShare) since(now time.Time, used time.Duration) (share uint16) {
	if elapsed := now.Sub(c.at); !c.at.IsZero() && elapsed > 0 {
		share = uint16(min(max(1000*(used-c.used)/elapsed, 0), 1<<16-1))
	}
	c.at, c.used = now, used
	return share
}

const (
	// pssInterval is how old a figure of PSS may be, at least; with many processes it is older, so that to read them
	// takes at most one part in pssShare of a CPU.
	pssInterval = 5 * time.Second
	pssShare    = 200
)

// watch says which processes there are.
func (u *usage) watch(pids []int) {
	u.mu.Lock()
	u.pids = pids
	u.mu.Unlock()
}

// run reads PSS, for which the kernel walks over all pages of a process and may wait for its lock on them.
func (u *usage) run(ctx context.Context) {
	if !u.proportional {
		return
	}
	for {
		u.mu.Lock()
		pids := u.pids
		u.mu.Unlock()
		begun := time.Now()
		read := make(map[int]uint64, len(pids))
		for _, pid := range pids {
			one := time.Now()
			if bytes, err := procfs.ProportionalBytes(procfs.Root, pid); err == nil {
				read[pid] = uint64(bytes)
			}
			if !backoff.Wait(ctx, time.Since(one)) {
				return
			}
		}
		u.mu.Lock()
		u.memory = read
		u.mu.Unlock()
		if !backoff.Wait(ctx, max(pssInterval, pssShare*time.Since(begun)/2)) {
			return
		}
	}
}
