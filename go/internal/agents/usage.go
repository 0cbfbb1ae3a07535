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

// usage reads the resource usage of processors, once for all agents. Only the loop uses it, apart from what mu guards.
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

// processUsage is the usage of one process. Its stat file stays open: that is faster, and safe against pid reuse.
type processUsage struct {
	stat          *procfs.Stat
	cpu           cpuShare
	last          procfs.Usage
	readAt        time.Time // of last
	memoryReading memoryReading
	reported      Used
}

// readingLifetime is how long a reading may be reused, for example at the end of a task and the start of the next. The
// kernel counts CPU time in steps of ten times that.
const readingLifetime = time.Millisecond

// read returns the usage of the process. It returns false if p is nil or the process has exited.
func (p *processUsage) read(now time.Time) (procfs.Usage, bool) {
	if p == nil {
		return procfs.Usage{}, false
	}
	if now.Sub(p.readAt) < readingLifetime {
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
		stat = nil // it has exited, or file descriptors are used up: report no usage
	}
	u.processes[pid] = &processUsage{stat: stat}
}

func (u *usage) forget(pid int) {
	if p := u.processes[pid]; p != nil {
		p.stat.Close()
		delete(u.processes, pid)
	}
}

// fill adds resource usage to a heartbeat. This process is all agents together, so each is an equal part of it.
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
	p.reported = Used{CPU: float64(resource.CPU) / 1000, Memory: read.Resident}
	if u.proportional {
		u.mu.Lock()
		known, ok := u.memory[pid]
		u.mu.Unlock()
		if p.reported.Memory = known; ok { // report RSS until PSS was read, as Scaler's agent does
			resource.Memory = known
		}
	}
	return resource
}

// cpuShare computes how much of a CPU was used between two readings.
type cpuShare struct {
	at   time.Time
	used time.Duration
}

// since returns the share in thousandths of a CPU, 0 at the first reading.
func (c *cpuShare) since(now time.Time, used time.Duration) (share uint16) {
	if elapsed := now.Sub(c.at); !c.at.IsZero() && elapsed > 0 {
		share = uint16(min(max(1000*(used-c.used)/elapsed, 0), 1<<16-1))
	}
	c.at, c.used = now, used
	return share
}

const (
	// pssInterval is the least age at which PSS is read again. With many processes it is longer, so that reading takes at
	// most 1/pssShare of a CPU.
	pssInterval = 5 * time.Second
	pssShare    = 200
)

// watch sets the processes whose PSS run reads.
func (u *usage) watch(pids []int) {
	u.mu.Lock()
	u.pids = pids
	u.mu.Unlock()
}

// run reads PSS: slow, as the kernel walks all pages of a process and may block on their lock.
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
			readBegun := time.Now()
			if bytes, err := procfs.ProportionalBytes(procfs.Root, pid); err == nil {
				read[pid] = uint64(bytes)
			}
			if !backoff.Wait(ctx, time.Since(readBegun)) {
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
