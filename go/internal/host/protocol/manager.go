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
	// Configure says how workers are to be; answered by Configured or Failed. It may come again: workers that are
	// started from then on are made by the new options.
	Configure struct {
		Options     map[string]any    `json:"options"`              // by Scaler's field names
		Environment map[string]string `json:"environment"`          // set on top of the host's own
		Agent       string            `json:"agent,omitempty"`      // AgentScaler, which "" means too, or AgentNative
		Processors  string            `json:"processors,omitempty"` // AgentNative: where processors find it, "ipc://..."
	}
	// Start asks for the worker with a number of the manager's choice, above 0.
	Start struct {
		Worker   int      `json:"worker"`
		Settings Settings `json:"settings"`
	}
	// Check is answered by Checked: does the installed Scaler read and write the agent's messages as we do?
	Check struct {
		Samples json.RawMessage   `json:"samples"` // the table python.AgentSamples
		Frames  map[string][]byte `json:"frames"`  // ours of those that an agent sends, by the name of the sample
	}
	// Ping is answered by Pong; it tells a host that works from one that hangs.
	Ping struct{}
	// Reap lets go of the pid of a worker that has ended.
	Reap struct {
		Pid int `json:"pid"`
	}
)

// Messages of the manager to a worker that has its agent in the manager (AgentNative).
type (
	// Fork asks for a processor; answered, in the order of the questions, by Processor (started) or NotForked.
	Fork struct {
		Worker  int    `json:"worker"`
		Storage string `json:"storage,omitempty"` // of objects, where none is configured
	}
	// Signal is passed on to a processor of this worker; one that has been reaped gets none. SIGUSR1 suspends, as
	// SIGSTOP does with hard_processor_suspend.
	Signal struct {
		Worker int `json:"worker"`
		Pid    int `json:"pid"`
		Signal int `json:"signal"`
	}
	// Resume lets a suspended processor go on; answered by Processor (resumed) as soon as it does.
	Resume struct {
		Worker int `json:"worker"`
		Pid    int `json:"pid"`
	}
	// MakeSpare has a worker keep a spare processor, which answers the next Fork; with no number a worker that is yet to
	// come, and answers the Start with the same settings.
	MakeSpare struct {
		Worker   int      `json:"worker,omitempty"`
		Settings Settings `json:"settings"` // of a worker that is yet to come
	}
	// DropSpare ends the spare processor of a worker, or without a number all workers that are yet to come.
	DropSpare struct {
		Worker int `json:"worker,omitempty"`
	}
	// Quit ends a worker and what processors it has left.
	Quit struct {
		Worker int `json:"worker"`
		Status int `json:"status"` // its exit code
	}
	// Failure asks for the result of a task whose processor died; answered by FailureMade.
	Failure struct {
		Request int    `json:"request"`
		Text    string `json:"text"`
	}
)

// Program is what workers and processors take for the program that they run in.
type Program struct {
	Argv []string `json:"argv"`           // sys.argv
	Path []string `json:"path,omitempty"` // sys.path; the interpreter's own when empty
	// Prepare goes to multiprocessing.spawn.prepare in every processor: which main module it has.
	Prepare map[string]string `json:"prepare,omitempty"`
}

// Settings are what a worker and its processors are given of the machine. The zero
// value leaves all as the manager itself has it.
type Settings struct {
	CPUs          []int             `json:"cpus,omitempty"`
	Nice          int               `json:"nice,omitempty"`           // added to the manager's own
	ProcessorNice int               `json:"processor_nice,omitempty"` // of processors, added to that
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
