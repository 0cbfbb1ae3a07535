package manager

import (
	"context"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/config"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// The bounds of the time between two looks for stopped workers, which else is a tenth of the option's.
const (
	leastLook = 100 * time.Millisecond
	mostLook  = 3 * time.Second
	looks     = 10
)

// rouse kills workers that are stopped (SIGSTOP) for longer than they may: the scheduler forgets one after a while, and
// nothing asks for another one as long as it counts as there. Where dead workers are not replaced, it is left
// alone: it may be continued yet.
func (m *Manager) rouse(ctx context.Context, p *pool.Pool) {
	limit := config.Duration(m.config.UnresponsiveTimeoutSeconds)
	if limit <= 0 || m.config.Restart == "never" {
		return
	}
	interval := min(max(limit/looks, leastLook), mostLook)
	var stopped map[int]time.Duration
	every(ctx, p, interval, func() {
		members := p.Members()
		stopped = stoppages(stopped, members, interval, process.Stopped)
		for _, member := range members {
			if since, is := stopped[member.Pid]; is && since >= limit {
				m.log.Errorf("worker %s (pid %d) has been stopped (SIGSTOP) for %s: killing its process group",
					member.Identity, member.Pid, since)
				p.Smash(member.Pid)
			}
		}
	})
}

// stoppages are the workers that are stopped, by pid, with the time since the first look that found them so. Looks are
// counted for it, so that a manager that was stopped itself, with its workers, leaves them their time.
func stoppages(before map[int]time.Duration, members []pool.Member, interval time.Duration, stopped func(pid int) bool,
) map[int]time.Duration {
	now := map[int]time.Duration{}
	for _, member := range members {
		if !stopped(member.Pid) {
			continue
		}
		if since, was := before[member.Pid]; was {
			now[member.Pid] = since + interval
		} else {
			now[member.Pid] = 0
		}
	}
	return now
}
