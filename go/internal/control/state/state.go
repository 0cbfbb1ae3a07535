// Package state is what a worker manager says of itself, and what it can be told: the JSON of its control socket.
// Everything that shows or steers a manager has it of these types. A field that is added is no new Version; one that
// goes or changes its meaning is. Times are RFC 3339, durations and ages seconds, sizes bytes.
package state

import "time"

// Version is that of the types here and of the paths at which they are asked for.
const Version = 1

// The phases of a manager, in the order of its life.
const (
	Starting = "starting" // Python imports Scaler
	Waiting  = "waiting"  // no scheduler has been found yet
	Serving  = "serving"
	Draining = "draining" // no new tasks: those that run are finished
	Drained  = "drained"  // no worker is left, and none is wanted until the manager is told to resume
	Stopping = "stopping"
)

// The kinds of memory.
const (
	PSS = "pss"
	RSS = "rss"
)

// Manager is a worker manager at a moment.
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
	Scaler      string    `json:"scaler,omitempty"` // release; empty before Python has said it
	Python      string    `json:"python,omitempty"` // version
	Interpreter string    `json:"interpreter"`      // path
	// Agent is native or scaler, empty before that is known. With Scaler's own agents nothing is known of tasks.
	Agent    string    `json:"agent,omitempty"`
	WhyAgent string    `json:"why_agent,omitempty"` // why it is not native though it could be
	Workers  Workers   `json:"workers"`
	Tasks    Tasks     `json:"tasks"`
	Waits    Histogram `json:"task_waits"`     // from a task's arrival to its start, seconds
	Runs     Histogram `json:"task_durations"` // from its start to its end, of those that succeeded or failed
	Spares   Spares    `json:"spares"`
	CPU      float64   `json:"cpu_seconds"` // of the manager itself, since its start
	RSS      uint64    `json:"rss"`         // of the manager itself
	// MemoryKind is what the memory of workers and processors is: pss, or rss, which counts what is shared for each of them.
	// Heartbeats have read it: asking costs nothing.
	MemoryKind string `json:"memory_kind"`
	// MemoryLimit is what --worker-memory-limit has come to; nil without it.
	MemoryLimit *MemoryLimit `json:"memory_limit,omitempty"`
	Members     []Worker     `json:"members"` // by age, the oldest first
}

// Scheduler is the connection of the manager with its scheduler. In fixed mode it is one that only watches.
type Scheduler struct {
	Address    string `json:"address"`
	Protocol   string `json:"protocol,omitempty"` // "ZMQ", "YMQ 1": empty before it is known
	Connected  bool   `json:"connected"`
	Reconnects uint64 `json:"reconnects"`
	// Latency is how long the scheduler took to answer the manager's last heartbeat; in fixed mode, where it sends none, the
	// mean of those of its workers.
	Latency float64 `json:"latency,omitempty"`
}

// Workers are numbers of workers: the first ones now, the last ones since the start of the manager.
type Workers struct {
	Desired    int `json:"desired"`
	Actual     int `json:"actual"` // wanted ones, whether they run already or not
	Registered int `json:"registered"`
	Busy       int `json:"busy"`
	Draining   int `json:"draining"`
	Stopping   int `json:"stopping"`

	Started      int            `json:"started"`
	Ended        int            `json:"ended"`
	Failed       int            `json:"failed"`
	Deaths       map[string]int `json:"deaths,omitempty"` // of workers by cause: "exit 1", "SIGKILL"
	HostRestarts int            `json:"host_restarts"`
	// Recycled are processors that were replaced between two tasks, by what: "tasks", "age", "memory".
	Recycled map[string]int `json:"recycled,omitempty"`
}

// Tasks are numbers of tasks: the first two now, the others since the start. A task that is handed back to the scheduler
// is in none of the latter.
type Tasks struct {
	Queued    int    `json:"queued"`
	Running   int    `json:"running"` // suspended ones too
	Succeeded uint64 `json:"succeeded"`
	Failed    uint64 `json:"failed"`    // by an exception
	Cancelled uint64 `json:"cancelled"` // before or while they ran
	Died      uint64 `json:"died"`      // with their processor
}

// MemoryLimit is that of each worker.
type MemoryLimit struct {
	Bytes uint64 `json:"bytes"`
	// By is what enforces it: cgroup, the kernel; pss, the manager, which looks once a second.
	By    string `json:"by"`
	Why   string `json:"why,omitempty"` // why it is not the kernel though that was not ruled out
	Kills int    `json:"kills"`         // processes that were killed for it
}

// Histogram counts values: Counts[i] is of those up to Bounds[i] and above the bound before, and one more at the end is
// of those above all bounds.
type Histogram struct {
	Bounds []float64 `json:"bounds"`
	Counts []uint64  `json:"counts"`
	Sum    float64   `json:"sum"`
}

// Spares are the processors that are kept ready.
type Spares struct {
	Ready int    `json:"ready"`
	Bytes uint64 `json:"bytes"`
}

// Worker is a worker at a moment. What only native agents know is left out with Scaler's own.
type Worker struct {
	ID         string      `json:"id"` // as the scheduler knows it; empty before it has a process
	Number     int         `json:"number"`
	Slot       int         `json:"slot"`
	Pid        int         `json:"pid,omitempty"`
	State      string      `json:"state"` // starting, running, registered, draining, stopping, killed
	Busy       bool        `json:"busy"`
	Started    time.Time   `json:"started"`
	Tasks      Tasks       `json:"tasks"`
	CPU        float64     `json:"cpu"`    // of its processors, in CPUs, between its last two heartbeats
	Memory     uint64      `json:"memory"` // of its processors, see Manager.MemoryKind; of its own process only where PSS was asked for
	Processors []Processor `json:"processors,omitempty"`
}

// Processor is a process that runs tasks of a worker.
type Processor struct {
	Pid     int       `json:"pid"`
	State   string    `json:"state"` // starting, idle, running, suspended, ending
	Started time.Time `json:"started"`
	Tasks   uint64    `json:"tasks"` // that it has finished
	CPU     float64   `json:"cpu"`   // as that of its worker
	Memory  uint64    `json:"memory"`
	Task    *Task     `json:"task,omitempty"`
}

// Task is a task that runs, or is suspended.
type Task struct {
	ID       string    `json:"id"`                 // hexadecimal
	Function string    `json:"function,omitempty"` // name, where it is known
	Priority int       `json:"priority"`
	Began    time.Time `json:"began"`
}

// Event is something that happened to a manager or one of its workers. The kinds are in event.go.
type Event struct {
	ID     uint64    `json:"id"` // from 1, without gaps
	Time   time.Time `json:"time"`
	Kind   string    `json:"kind"`
	Worker string    `json:"worker,omitempty"`
	Pid    int       `json:"pid,omitempty"`
	Text   string    `json:"text"` // for people
}
