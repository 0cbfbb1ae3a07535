package protocol

import "encoding/json"

// Messages of the manager.
type (
	// Hello is the first message: the host imports Scaler and answers Ready or Failed.
	Hello struct {
		Version int `json:"version"`
		Program
		ProcessName string   `json:"process_name"` // what the release's log format may name the manager
		Imports     []string `json:"imports"`      // modules to share between all processors
	}
	// Configure configures how workers are started; answered by Configured or Failed. It may be sent again, for workers
	// that are started later.
	Configure struct {
		Options     map[string]any    `json:"options"`              // by Scaler's field names
		Environment map[string]string `json:"environment"`          // added to the host's own
		Agent       string            `json:"agent,omitempty"`      // AgentScaler, which is also "", or AgentNative
		Processors  string            `json:"processors,omitempty"` // AgentNative: the address for processors, "ipc://..."
	}
	// Start starts a worker. The manager chooses its number, above 0.
	Start struct {
		Worker   int      `json:"worker"`
		Settings Settings `json:"settings"`
	}
	// Check asks whether the installed Scaler decodes and encodes the agent's messages as the manager does; answered by
	// Checked.
	Check struct {
		Samples json.RawMessage   `json:"samples"` // the table python.AgentSamples
		Frames  map[string][]byte `json:"frames"`  // the manager's, of messages that an agent sends, by sample name
	}
	// Ping is answered by Pong, unless the host hangs.
	Ping struct{}
	// Reap has the host reap a worker that has exited.
	Reap struct {
		Pid int `json:"pid"`
	}
)

// Messages to a worker with a native agent (AgentNative).
type (
	// Fork forks a processor; answered, in order, by Processor (started) or NotForked.
	Fork struct {
		Worker  int    `json:"worker"`
		Storage string `json:"storage,omitempty"` // object storage address, if none is configured
	}
	// Signal signals a processor of this worker, unless it was reaped. SIGUSR1 suspends it, or SIGSTOP with
	// hard_processor_suspend.
	Signal struct {
		Worker int `json:"worker"`
		Pid    int `json:"pid"`
		Signal int `json:"signal"`
	}
	// Resume resumes a suspended processor; answered by Processor (resumed) once it runs again.
	Resume struct {
		Worker int `json:"worker"`
		Pid    int `json:"pid"`
	}
	// MakeSpare makes a spare processor for a worker, which a later Fork takes. Without a number it is made for a new
	// worker, and a later Start with the same settings takes it.
	MakeSpare struct {
		Worker   int      `json:"worker,omitempty"`
		Settings Settings `json:"settings"` // of a new worker
	}
	// DropSpare ends the spare processor of a worker, or without a number all those for new workers.
	DropSpare struct {
		Worker int `json:"worker,omitempty"`
	}
	// Quit has a worker kill its remaining processors and exit.
	Quit struct {
		Worker int `json:"worker"`
		Status int `json:"status"` // exit status
	}
	// Failure asks for the serialized error of a task whose processor died; answered by FailureMade.
	Failure struct {
		Request int    `json:"request"`
		Text    string `json:"text"`
	}
)

// Program is the program that workers and processors believe to run in.
type Program struct {
	Argv []string `json:"argv"`           // sys.argv
	Path []string `json:"path,omitempty"` // sys.path; the interpreter's own when empty
	// Prepare is passed to multiprocessing.spawn.prepare in every processor; it names the main module.
	Prepare map[string]string `json:"prepare,omitempty"`
}

// Settings are settings of the operating system for a worker and its processors. The zero value changes nothing.
type Settings struct {
	CPUs          []int             `json:"cpus,omitempty"`
	Nice          int               `json:"nice,omitempty"`           // added to the manager's niceness
	ProcessorNice int               `json:"processor_nice,omitempty"` // added to the worker's, for processors
	OOMScoreAdj   *int              `json:"oom_score_adj,omitempty"`  // -1000 to 1000
	Environment   map[string]string `json:"environment,omitempty"`
	Cgroup        string            `json:"cgroup,omitempty"` // folder of its cgroup (v2)
}

func (Hello) kind() string     { return "hello" }
func (Configure) kind() string { return "configure" }
func (Start) kind() string     { return "start" }
func (Reap) kind() string      { return "reap" }
func (Ping) kind() string      { return "ping" }
func (Check) kind() string     { return "check" }
func (Fork) kind() string      { return "fork" }
func (Signal) kind() string    { return "signal" }
func (Resume) kind() string    { return "resume" }
func (Quit) kind() string      { return "quit" }
func (Failure) kind() string   { return "failure" }
func (MakeSpare) kind() string { return "make_spare" }
func (DropSpare) kind() string { return "drop_spare" }
