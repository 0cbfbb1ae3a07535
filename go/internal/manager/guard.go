package manager

import (
	"context"
	"syscall"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/memory"
	"github.com/scaler-native/scaler-native/go/internal/pool"
	"github.com/scaler-native/scaler-native/go/internal/process"
)

// guardInterval is how often the memory of workers is looked at.
const guardInterval = time.Second

// guard keeps workers within their memory: near the limit it warns, over it it kills the processor that has
// most. The worker notices, has the task fail with Scaler's ProcessorDiedError, and serves on.
func (m *Manager) guard(ctx context.Context, p *pool.Pool) {
	limit := m.config.WorkerMemoryLimit
	if limit <= 0 {
		return
	}
	warned := map[int]bool{} // by pid: said once until it is below again
	every(ctx, p, guardInterval, func() {
		members := p.Members()
		groups := make([]int, len(members))
		for i, member := range members {
			groups[i] = member.Pid
		}
		usages, err := memory.Read(groups, limit)
		if err != nil {
			m.log.Errorf("cannot read the memory of workers: %v", err)
			return
		}
		for _, member := range members {
			m.judge(member, usages[member.Pid], limit, warned)
		}
	})
}

func (m *Manager) judge(member pool.Member, usage memory.Usage, limit int64, warned map[int]bool) {
	verdict := memory.Judge(usage, member.Pid, limit)
	used, most := memory.FormatSize(usage.Total), memory.FormatSize(limit)
	switch {
	case verdict.Level == memory.Fine:
		delete(warned, member.Pid)
	case verdict.Level == memory.Near && !warned[member.Pid]:
		warned[member.Pid] = true
		m.log.Warningf("worker %s (pid %d) uses %s of its %s of memory", member.Identity, member.Pid, used, most)
	case verdict.Level == memory.Over && verdict.Victim.Pid != 0:
		m.log.Errorf("worker %s (pid %d) uses %s, more than its %s of memory: killing its processor %d, whose task fails",
			member.Identity, member.Pid, used, most, verdict.Victim.Pid)
		if err := process.Signal(verdict.Victim.Pid, syscall.SIGKILL); err != nil {
			m.log.Errorf("cannot kill processor %d: %v", verdict.Victim.Pid, err)
		}
	}
}
