package agents

import (
	"time"

	"github.com/scaler-native/scaler-native/go/internal/agent"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
)

const (
	// measureTimeout is how long a processor waits for its next task while its memory is read: the kernel walks all its
	// pages and may block on their lock.
	measureTimeout = time.Second

	// measureInterval is when a processor below the limit is measured again even if it has not grown: pages may not be
	// shared any more.
	measureInterval = 10 * time.Second
)

// memoryReading is the last measurement of a processor's memory, in bytes.
type memoryReading struct {
	at           time.Time
	proportional int64  // PSS
	resident     uint64 // RSS
}

// mayExceed reports whether a processor with this RSS may have exceeded a limit on its PSS. PSS is at most RSS, and
// usually grows by no more than RSS does.
func (w memoryReading) mayExceed(now time.Time, resident uint64, limit int64) bool {
	if int64(resident) <= limit {
		return false
	}
	return w.at.IsZero() || now.Sub(w.at) >= measureInterval || int64(resident)-int64(w.resident) > limit-w.proportional
}

// measureMemory measures the memory of a processor that has finished a task, if it may exceed the limit. The agent must
// get MeasuringMemory before the result.
func (s *Set) measureMemory(m *member, pid int) {
	limit, now, p := s.options.Agent.Recycle.Memory, time.Now(), s.usage.processes[pid]
	if limit == 0 {
		return
	}
	read, ok := p.read(now)
	if !ok || !p.memoryReading.mayExceed(now, read.Resident, limit) {
		return
	}
	s.handle(m, agent.MeasuringMemory{Pid: pid})
	answered := false
	answer := func(bytes int64) {
		if !answered && !m.removed {
			p.memoryReading = memoryReading{at: time.Now(), proportional: bytes, resident: read.Resident}
			s.handle(m, agent.MemoryMeasured{Pid: pid, Bytes: bytes})
		}
		answered = true
	}
	timeout := time.AfterFunc(measureTimeout, func() { s.box.Put(func() { answer(0) }) })
	s.run(func() {
		bytes, err := procfs.ProportionalBytes(procfs.Root, pid)
		if err != nil {
			bytes = int64(read.Resident) // PSS is not readable, or the process has just exited
		}
		s.do(func() {
			timeout.Stop()
			answer(bytes)
		})
	})
}
