package agent

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/size"
)

// Limits are the limits at which a processor is replaced between two tasks. 0 is no limit.
//
// Workers with equal tasks reach Tasks at the same moment. There is no need to spread that: to fork 64 processors takes
// half a second of CPU time, as at the start, and no worker waits for another one. Only Age is spread, since idle
// workers would reach it together for no reason.
type Limits struct {
	Tasks  int           // finished ones
	Age    time.Duration // since the worker got the processor
	Memory int64         // in bytes (PSS), after a task
}

// The values of Retired.Why.
const (
	RetiredByTasks  = "tasks"
	RetiredByAge    = "age"
	RetiredByMemory = "memory"
)

// staggeredAge returns the age limit of one worker: up to 10% less than limit, depending on its identity.
func staggeredAge(limit time.Duration, identity string) time.Duration {
	hash := fnv.New32a()
	hash.Write([]byte(identity))
	return limit - limit/10000*time.Duration(hash.Sum32()%1000)
}

func (e MeasuringMemory) apply(a *Agent) {
	if p := a.processors[e.Pid]; p != nil {
		p.measuring = true
	}
}

func (e MemoryMeasured) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil {
		return
	}
	p.measuring, p.memory = false, e.Bytes
	a.retire(p)
	a.next()
}

// retireAt returns when the current processor, if idle, reaches the age limit; zero for never.
func (a *Agent) retireAt() time.Time {
	if a.options.Recycle.Age == 0 || a.draining || !a.isFree(a.current) {
		return time.Time{}
	}
	return a.current.startedAt.Add(a.options.Recycle.Age)
}

// retire replaces the current processor if it is free and has reached a limit. It does not if the worker is draining,
// or if the next task is suspended in another processor: then this one is stopped anyway.
func (a *Agent) retire(p *processor) {
	if p != a.current || a.draining || !a.isFree(p) || len(a.queue) > 0 && a.queue[0].processor != nil {
		return
	}
	limits := a.options.Recycle
	retired := Retired{Pid: p.pid}
	switch age := a.now.Sub(p.startedAt); {
	case limits.Tasks > 0 && p.finished >= uint64(limits.Tasks):
		retired.Why, retired.Text = RetiredByTasks, fmt.Sprintf("recycled after %d tasks", p.finished)
	case limits.Age > 0 && age >= limits.Age:
		retired.Why, retired.Text = RetiredByAge, fmt.Sprintf("recycled at an age of %.0f s", age.Seconds())
	case limits.Memory > 0 && p.memory > limits.Memory:
		retired.Why, retired.Text = RetiredByMemory, fmt.Sprintf("recycled with %s of memory", size.Format(p.memory))
	default:
		return
	}
	a.emit(retired)
	a.stop(p, retired.Text)
	a.fork()
}
