package agents

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

const (
	// weighTime is how long a processor waits for its next task while its memory is read, for which the kernel walks over
	// all of its pages, and may wait for its lock on them.
	weighTime = time.Second

	// weighInterval is after how long one that was found to be light is weighed again, though it has not grown: pages that it
	// shared may be its own by now.
	weighInterval = 10 * time.Second
)

// weight is what is known of a processor's memory, in bytes.
type weight struct {
	at           time.Time
	proportional int64  // PSS, as it was weighed last
	resident     uint64 // at that time, without regard to sharing
}

// mayExceed tells whether a processor with so many resident bytes may be above a limit of PSS. That is never more than they
// are, and grows by as much as they do, as a rule.
func (w weight) mayExceed(now time.Time, resident uint64, limit int64) bool {
	if int64(resident) <= limit {
		return false
	}
	return w.at.IsZero() || now.Sub(w.at) >= weighInterval || int64(resident)-int64(w.resident) > limit-w.proportional
}

// weigh measures a processor that has finished a task, if it may have too much memory. It comes before the agent hears of the
// result.
func (s *Set) weigh(m *member, pid int) {
	limit, now, p := s.options.Agent.Recycle.Memory, time.Now(), s.usage.processes[pid]
	if limit == 0 {
		return
	}
	read, ok := p.read(now)
	if !ok || !p.weight.mayExceed(now, read.Resident, limit) {
		return
	}
	s.handle(m, agent.Heavy{Pid: pid})
	answered := false
	answer := func(bytes int64) {
		if !answered && !m.removed {
			p.weight = weight{at: time.Now(), proportional: bytes, resident: read.Resident}
			s.handle(m, agent.Weighed{Pid: pid, Bytes: bytes})
		}
		answered = true
	}
	patience := time.AfterFunc(weighTime, func() { s.box.Put(func() { answer(0) }) })
	s.run(func() {
		bytes, err := procfs.ProportionalBytes(procfs.Root, pid)
		if err != nil {
			bytes = int64(read.Resident) // the kernel hides its pages, or it has just ended
		}
		s.do(func() {
			patience.Stop()
			answer(bytes)
		})
	})
}
