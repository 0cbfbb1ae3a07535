package agent

import (
	"fmt"
	"hash/fnv"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/size"
)

// Limits are those at which a processor is replaced by a new one, between two tasks. One that is 0 is none.
//
// Workers that have done equal tasks reach the limit of tasks at one moment. That is no reason to spread it: to fork 64
// processors takes half a second of CPU, as at the start, and no worker waits for another one. Only ages are spread, for
// those of idle workers run out while nobody has a use for it.
type Limits struct {
	Tasks  int           // that it has finished
	Age    time.Duration // since it was given to its worker
	Memory int64         // in bytes (PSS), after a task
}

// What a processor is retired by.
const (
	RetiredByTasks  = "tasks"
	RetiredByAge    = "age"
	RetiredByMemory = "memory"
)

// ageOf is the limit of age of one worker. It is up to a tenth shorter, by the worker's identity.
func ageOf(limit time.Duration, identity string) time.Duration {
	hash := fnv.New32a()
	hash.Write([]byte(identity))
	return limit - limit/10000*time.Duration(hash.Sum32()%1000)
}

func (e Heavy) apply(a *Agent) {
	if p := a.processors[e.Pid]; p != nil {
		p.weighing = true
	}
}

func (e Weighed) apply(a *Agent) {
	p := a.processors[e.Pid]
	if p == nil {
		return
	}
	p.weighing, p.memory = false, e.Bytes
	a.retire(p)
	a.next()
}

// retireAt is when the current processor is too old to have nothing to do; zero when it is never.
func (a *Agent) retireAt() time.Time {
	if a.options.Recycle.Age == 0 || a.draining || !a.isFree(a.current) {
		return time.Time{}
	}
	return a.current.begun.Add(a.options.Recycle.Age)
}

// retire has a new processor take the place of one that has no task and has reached a limit. One that is to make way for a
// suspended one ends anyway, and so does a worker that drains, soon.
func (a *Agent) retire(p *processor) {
	if p != a.current || a.draining || !a.isFree(p) || len(a.queue) > 0 && a.queue[0].processor != nil {
		return
	}
	limits := a.options.Recycle
	retired := Retired{Pid: p.pid}
	switch age := a.now.Sub(p.begun); {
	case limits.Tasks > 0 && p.finished >= uint64(limits.Tasks):
		retired.Why, retired.Text = RetiredByTasks, fmt.Sprintf("recycled after %d tasks", p.finished)
	case limits.Age > 0 && age >= limits.Age:
		retired.Why, retired.Text = RetiredByAge, fmt.Sprintf("recycled at an age of %.0f s", age.Seconds())
	case limits.Memory > 0 && p.memory > limits.Memory:
		retired.Why, retired.Text = RetiredByMemory, fmt.Sprintf("recycled with %s of memory", size.Format(p.memory))
	default:
		return
	}
	a.do(retired)
	a.stop(p, retired.Text)
	a.fork()
}
