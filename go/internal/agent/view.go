package agent

import "time"

// View is the state of an agent at one moment.
type View struct {
	Queued     int           // tasks that have not started
	Running    int           // tasks that have, including suspended ones
	Latency    time.Duration // round trip of the last heartbeat; 0 before the first answer
	Processors []ProcessorView
}

// ProcessorView is a processor of a View.
type ProcessorView struct {
	Pid     int
	State   string // starting, idle, running, suspended or ending
	Started time.Time
	Tasks   uint64    // finished ones
	Task    *TaskView // nil if it has none
}

// TaskView is a task that has started.
type TaskView struct {
	ID       string // the raw bytes
	Priority int32
	Began    time.Time
}

// View returns the current state.
func (a *Agent) View() View {
	v := View{Queued: len(a.queue), Latency: 2 * a.latency}
	for _, p := range a.sorted() {
		shown := ProcessorView{Pid: p.pid, State: p.describe(), Started: p.startedAt, Tasks: p.finished}
		if t := p.task; t != nil {
			v.Running++
			shown.Task = &TaskView{ID: t.id, Priority: t.priority, Began: t.startedAt}
		}
		if p.suspended() {
			v.Queued-- // its task is in the queue, to be resumed
		}
		v.Processors = append(v.Processors, shown)
	}
	return v
}

func (p *processor) describe() string {
	switch {
	case p.ending || p.lost:
		return "ending"
	case !p.initialized:
		return "starting"
	case p.suspended():
		return "suspended"
	case p.task != nil:
		return "running"
	}
	return "idle"
}
