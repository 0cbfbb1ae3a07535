package monitor

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// Stalled finds workers that have been stopped (SIGSTOP) for too long. The scheduler forgets such a worker after a
// while, but nothing replaces it as long as its process exists.
type Stalled struct {
	limit, interval time.Duration
	stopped         func(pid int) bool
	since           map[int]time.Duration // how long each stopped worker has been, by pid
}

// NewStalled returns a Stalled for a limit. Decide must be called once per interval.
func NewStalled(limit, interval time.Duration) *Stalled {
	return &Stalled{limit: limit, interval: interval, stopped: isStopped}
}

// isStopped excludes a process that is stopped by a debugger, whose user will continue it.
func isStopped(pid int) bool {
	process, there := procfs.Read(procfs.Root, pid)
	return there && process.State == procfs.Stopped
}

// Stall is a worker that has been stopped for too long.
type Stall struct {
	Worker Worker
	For    time.Duration
}

// Decide returns the workers that have been stopped for too long. It counts its calls rather than time, so that a
// manager that was stopped together with its workers does not kill them.
func (s *Stalled) Decide(workers []Worker) (stalls []Stall) {
	now := map[int]time.Duration{}
	for _, w := range workers {
		if !s.stopped(w.Pid) {
			continue
		}
		if since, was := s.since[w.Pid]; was {
			now[w.Pid] = since + s.interval
		} else {
			now[w.Pid] = 0
		}
		if now[w.Pid] >= s.limit {
			stalls = append(stalls, Stall{w, now[w.Pid]})
		}
	}
	s.since = now
	return stalls
}
