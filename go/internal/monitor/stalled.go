package monitor

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

// Stalled finds workers that are stopped (SIGSTOP) for longer than they may: the scheduler forgets one after a while, and
// nothing asks for another one as long as it counts as there.
type Stalled struct {
	limit, interval time.Duration
	stopped         func(pid int) bool
	since           map[int]time.Duration // by pid, for workers that are stopped
}

// NewStalled makes one for workers that may be stopped for limit, and are looked at once an interval.
func NewStalled(limit, interval time.Duration) *Stalled {
	return &Stalled{limit: limit, interval: interval, stopped: isStopped}
}

// isStopped leaves out a process that a debugger has stopped: somebody is there who will continue it.
func isStopped(pid int) bool {
	process, there := procfs.Read(procfs.Root, pid)
	return there && process.State == procfs.Stopped
}

// Stall is a worker that has been stopped for too long.
type Stall struct {
	Worker Worker
	For    time.Duration
}

// Decide looks at the workers, and returns those that have been stopped for too long. Looks are counted for it and not
// time, so that a manager that was stopped itself, with its workers, leaves them their time.
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
