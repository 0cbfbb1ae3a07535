package agents

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent/protocol"
)

// profile is the resource usage of a processor when its task began, and its peak memory since then.
type profile struct {
	process  *processUsage
	begun    time.Time
	cpu      time.Duration
	resident uint64
	peak     uint64
}

// begin starts the profile of a task.
func (u *usage) begin(pid int) *profile {
	now := time.Now()
	p := &profile{process: u.processes[pid], begun: now}
	if read, ok := p.process.read(now); ok {
		p.cpu, p.resident, p.peak = read.CPU, read.Resident, read.Resident
	}
	return p
}

// end returns the usage since begin. The CPU time of a dead processor is unknown, as upstream.
func (p *profile) end() protocol.Profile {
	if p == nil {
		return protocol.Profile{}
	}
	now := time.Now()
	result := protocol.Profile{Duration: now.Sub(p.begun), PeakMemory: p.peak - p.resident}
	if read, ok := p.process.read(now); ok {
		result.CPU = read.CPU - p.cpu
	}
	return result
}

// sample updates the peak memory.
func (p *profile) sample() {
	if read, ok := p.process.read(time.Now()); ok {
		p.peak = max(p.peak, read.Resident)
	}
}

// samplePeaks samples all profiles.
func (s *Set) samplePeaks() {
	for _, m := range s.members {
		for _, p := range m.profiles {
			p.sample()
		}
	}
}

// pids returns the pids of all processors.
func (s *Set) pids() []int {
	found := make([]int, 0, len(s.byPid))
	for pid := range s.byPid {
		found = append(found, pid)
	}
	return found
}
