// Package state has the JSON types of the control API: the state of a worker manager, and the requests it accepts.
// Adding a field keeps Version; removing one or changing its meaning needs a new one. Times are RFC 3339, durations are
// in seconds and sizes in bytes.
package state

import "time"

// Version is the version of these types, and of the paths of the API.
const Version = 1

// Values of Manager.Phase, in the order in which a manager passes through them.
const (
	Starting = "starting" // the worker host imports Scaler
	Waiting  = "waiting"  // not yet connected to a scheduler
	Serving  = "serving"
	Draining = "draining" // accepts no tasks; running ones finish
	Drained  = "drained"  // all workers have ended; none starts before a resume
	Stopping = "stopping"
)

// Values of Manager.MemoryKind.
const (
	PSS = "pss" // shared pages divided among the processes that map them
	RSS = "rss" // shared pages counted in every process
)

// Values of Manager.Agent.
const (
	AgentNative = "native" // the manager's own agents
	AgentScaler = "scaler" // Scaler's, in processes of their own
)

// Manager is a snapshot of a worker manager.
type Manager struct {
	Version     int       `json:"version"`
	ID          string    `json:"id"` // --worker-manager-id
	Pid         int       `json:"pid"`
	Program     string    `json:"program"` // version of scaler-native
	Started     time.Time `json:"started"`
	Now         time.Time `json:"now"`
	Phase       string    `json:"phase"`
	Mode        string    `json:"mode"` // dynamic or fixed
	Scheduler   Scheduler `json:"scheduler"`
	Scaler      string    `json:"scaler,omitempty"` // release; empty until the worker host is ready
	Python      string    `json:"python,omitempty"` // version; empty until the worker host is ready
	Interpreter string    `json:"interpreter"`      // path
	// Agent is AgentNative or AgentScaler, and empty until it is known. Scaler's agents report no tasks to the manager.
	Agent    string    `json:"agent,omitempty"`
	WhyAgent string    `json:"why_agent,omitempty"` // why the manager fell back to Scaler's agents
	Workers  Workers   `json:"workers"`
	Tasks    Tasks     `json:"tasks"`
	Waits    Histogram `json:"task_waits"`     // seconds from a task's arrival at the worker to its start
	Runs     Histogram `json:"task_durations"` // seconds from start to end, of tasks that succeeded or failed
	Spares   Spares    `json:"spares"`
	CPU      float64   `json:"cpu_seconds"` // CPU time of the manager process itself
	RSS      uint64    `json:"rss"`         // of the manager process itself
	// MemoryKind says what Memory of workers and processors is: PSS or RSS.
	MemoryKind string `json:"memory_kind"`
	// MemoryLimit is nil without --worker-memory-limit.
	MemoryLimit *MemoryLimit `json:"memory_limit,omitempty"`
	Members     []Worker     `json:"members"` // the oldest first
}

// KnowsTasks reports whether the manager has counts of tasks: Scaler's own agents do not report any.
func (m *Manager) KnowsTasks() bool { return m.Agent != AgentScaler }

// Usage returns the CPUs and the bytes of memory that all workers use together.
func (m *Manager) Usage() (cpu float64, memory uint64) {
	for i := range m.Members {
		cpu += m.Members[i].CPU
		memory += m.Members[i].Memory
	}
	return cpu, memory
}

// Scheduler is the connection to the scheduler. In fixed mode the manager only monitors it: workers register
// themselves.
type Scheduler struct {
	Address    string `json:"address"`
	Protocol   string `json:"protocol,omitempty"` // "ZMQ" or "YMQ 1"; empty until it is known
	Connected  bool   `json:"connected"`
	Reconnects uint64 `json:"reconnects"`
	// Latency is the time in seconds until the scheduler answered the last heartbeat. In fixed mode, where the manager
	// sends none, it is the mean over the workers' heartbeats.
	Latency float64 `json:"latency,omitempty"`
}

// Workers counts workers: first those that exist now, then the totals since the manager started.
type Workers struct {
	Desired    int `json:"desired"`
	Actual     int `json:"actual"` // starting or running, without those that drain or stop
	Registered int `json:"registered"`
	Busy       int `json:"busy"`
	Draining   int `json:"draining"`
	Stopping   int `json:"stopping"`

	Started      int            `json:"started"`
	Ended        int            `json:"ended"`
	Failed       int            `json:"failed"`
	Deaths       map[string]int `json:"deaths,omitempty"` // by cause: "exit 1", "SIGKILL"
	HostRestarts int            `json:"host_restarts"`
	// Recycled counts processors that were replaced between tasks, by reason: "tasks", "age", "memory".
	Recycled map[string]int `json:"recycled,omitempty"`
}

// Tasks counts tasks: Queued and Running now, the others since the manager started. Tasks that were returned to the
// scheduler are not counted.
type Tasks struct {
	Queued    int    `json:"queued"`
	Running   int    `json:"running"` // including suspended ones
	Succeeded uint64 `json:"succeeded"`
	Failed    uint64 `json:"failed"`    // by an exception
	Cancelled uint64 `json:"cancelled"` // queued or running
	Died      uint64 `json:"died"`      // with their processor
}

// Finished returns the number of tasks that have ended in any way.
func (t Tasks) Finished() uint64 { return t.Succeeded + t.Failed + t.Cancelled + t.Died }

// MemoryLimit is the memory limit of each worker.
type MemoryLimit struct {
	Bytes uint64 `json:"bytes"`
	// By is what enforces it: "cgroup" (the kernel) or "pss" (the manager, which checks it once a second).
	By    string `json:"by"`
	Why   string `json:"why,omitempty"` // why it is not the kernel, although cgroups were requested
	Kills int    `json:"kills"`         // processes killed for exceeding it
}

// Histogram counts values by size: Counts[i] those in (Bounds[i-1], Bounds[i]], and a last one those above all bounds.
type Histogram struct {
	Bounds []float64 `json:"bounds"`
	Counts []uint64  `json:"counts"`
	Sum    float64   `json:"sum"`
}

// Spares are the processors kept ready for a task.
type Spares struct {
	Ready int    `json:"ready"`
	Bytes uint64 `json:"bytes"`
}

// Worker is a snapshot of a worker. With Scaler's own agents it has no tasks and no processors.
type Worker struct {
	ID         string      `json:"id"` // the identity at the scheduler; empty until it has a process
	Number     int         `json:"number"`
	Slot       int         `json:"slot"`
	Pid        int         `json:"pid,omitempty"`
	State      string      `json:"state"` // starting, running, registered, draining, stopping, killed
	Busy       bool        `json:"busy"`
	Started    time.Time   `json:"started"`
	Tasks      Tasks       `json:"tasks"`
	CPU        float64     `json:"cpu"`    // CPUs that its processors used between the last two heartbeats
	Memory     uint64      `json:"memory"` // of its processors; with ?memory=pss of its own process too
	Processors []Processor `json:"processors,omitempty"`
}

// Processor is a process that runs tasks of a worker.
type Processor struct {
	Pid     int       `json:"pid"`
	State   string    `json:"state"` // starting, idle, running, suspended, ending
	Started time.Time `json:"started"`
	Tasks   uint64    `json:"tasks"` // finished ones
	CPU     float64   `json:"cpu"`   // see Worker.CPU
	Memory  uint64    `json:"memory"`
	Task    *Task     `json:"task,omitempty"`
}

// Task is a running or suspended task.
type Task struct {
	ID       string    `json:"id"`                 // hexadecimal
	Function string    `json:"function,omitempty"` // name, if known
	Priority int       `json:"priority"`
	Began    time.Time `json:"began"`
}

// Event is something that happened to the manager or one of its workers.
type Event struct {
	ID     uint64    `json:"id"` // 1, 2, 3, ...
	Time   time.Time `json:"time"`
	Kind   string    `json:"kind"`
	Worker string    `json:"worker,omitempty"`
	Pid    int       `json:"pid,omitempty"`
	Text   string    `json:"text"` // for people
}
