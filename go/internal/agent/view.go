package agent

import "time"

// View is what there is of an agent at a moment.
type View struct {
	Queued     int           // tasks that have not begun
	Running    int           // tasks that have, suspended ones too
	Latency    time.Duration // of the last heartbeat until its answer; 0 before there was one
	Processors []ProcessorView
}

// ProcessorView is a processor of a View.
type ProcessorView struct {
	Pid     int
	State   string // starting, idle, running, suspended or ending
	Started time.Time
	Tasks   uint64    // that it has finished
	Task    *TaskView // nil when it has none
}

// TaskView is a task that has begun.
type TaskView struct {
	ID       string // as the scheduler has it: bytes
	Priority int32
	Began    time.Time
}

// View is the agent now.
func (a *Agent) View() View {
	v := View{Queued: len(a.queue), Latency: 2 * a.latency}
	for _, p := range a.sorted() {
		shown := ProcessorView{Pid: p.pid, State: p.describe(), Started: p.begun, Tasks: p.finished}
		if t := p.task; t != nil {
			v.Running++
			shown.Task = &TaskView{ID: t.id, Priority: t.priority, Began: t.begun}
		}
		if p.suspended() {
			v.Queued-- // its task is in the queue, to go on
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
