package protocol

// Messages of the host.
type (
	// Ready tells what was found.
	Ready struct {
		Version     int               `json:"version"`
		Python      string            `json:"python"`
		Scaler      string            `json:"scaler"`
		Transport   string            `json:"transport"`  // "zmq" or "ymq": the release's own choice
		Transports  map[string]string `json:"transports"` // transport to value of SCALER_NETWORK_BACKEND
		Tags        map[string]uint16 `json:"tags"`       // union tags by member: heartbeat, echo, command, response
		Log         Log               `json:"log"`
		NoFork      string            `json:"no_fork"`            // why the host cannot fork; "" when it can
		NotImported map[string]string `json:"not_imported"`       // of Hello.Imports, with the reason
		Warnings    []string          `json:"warnings,omitempty"` // about what those imports did, for the log
		Agent       Agent             `json:"agent"`
		Sockets     string            `json:"sockets,omitempty"` // how the paths of workers' sockets begin; "" if unknown
		// Semaphores is how the paths of named semaphores begin that workers and processors make; "" if they are no files.
		Semaphores string `json:"semaphores,omitempty"`
	}
	// Log is how the release writes its log: formats of Python's logging, and names by level number.
	Log struct {
		Screen string            `json:"screen"`
		File   string            `json:"file"`
		Levels map[string]string `json:"levels"`
	}
	// Agent is what Go needs to know of the installed Scaler to stand for its agent.
	Agent struct {
		Tags      map[string]uint16 `json:"tags"`       // union tags by message, as "task_cancel"; of those it has
		Digest    string            `json:"digest"`     // SHA-256 of the sources that Go stands for; "" if unknown
		Missing   string            `json:"missing"`    // a parameter of Processor that nobody can give; "" if none
		Formats   map[string]string `json:"formats"`    // of Python's module struct: "task_flags", "profile"
		KillDelay float64           `json:"kill_delay"` // seconds from a processor's SIGTERM to its SIGKILL
	}
	// Checked answers Check.
	Checked struct {
		Error  string            `json:"error"`  // what differs; "" when the host reads our frames as it should
		Frames map[string][]byte `json:"frames"` // the installed Scaler's of all samples that it can say
	}
	// Failed says why the host cannot serve; nothing follows.
	Failed struct {
		Error string `json:"error"`
	}
	// Configured names the options that the installed release does not have.
	Configured struct {
		Unknown []string `json:"unknown"`
		Mortal  string   `json:"mortal,omitempty"` // why children copy what they only look at; "" if they do not
	}
	// Started tells the pid, which is also the process group, and the identity of a worker.
	Started struct {
		Worker     int    `json:"worker"`
		Pid        int    `json:"pid"`
		Identity   string `json:"identity"`
		Disconnect []byte `json:"disconnect"` // the frame by which this worker would disconnect from the scheduler
	}
	// Refused says why a worker could not be started.
	Refused struct {
		Worker int    `json:"worker"`
		Error  string `json:"error"`
	}
	// Registered says that the scheduler has answered the worker's first heartbeat.
	Registered struct {
		Worker int `json:"worker"`
	}
	// Busy says that a worker has tasks, after it had none.
	Busy struct {
		Worker int `json:"worker"`
	}
	// Idle says that a worker has had no task for a moment (50 ms).
	Idle struct {
		Worker int `json:"worker"`
	}
	// Parent tells the process that is the parent of a worker's processors. When it ends, its worker ends.
	Parent struct {
		Worker int `json:"worker"`
		Pid    int `json:"pid"`
	}
	// Processor tells the state of one of a worker's processors.
	Processor struct {
		Worker int    `json:"worker"`
		Pid    int    `json:"pid"`
		State  string `json:"state"`            // one of the Processor... constants
		Status int    `json:"status,omitempty"` // AgentNative, ProcessorEnded: its wait status; it has been reaped
	}
	// Spare tells the state of a spare processor. Without a number it is of a worker that is yet to come.
	Spare struct {
		Worker int    `json:"worker"`
		Pid    int    `json:"pid,omitempty"`    // SpareReady
		Parent int    `json:"parent,omitempty"` // pid of its worker's process; none if it could not be made
		State  string `json:"state"`            // one of the Spare... constants
	}
	// NotForked says why Fork had no effect.
	NotForked struct {
		Worker int    `json:"worker"`
		Error  string `json:"error"`
	}
	// Terminate says that the process of a worker whose agent is in the manager got SIGTERM or SIGINT.
	Terminate struct {
		Worker int `json:"worker"`
		Signal int `json:"signal"`
	}
	// FailureMade answers Failure.
	FailureMade struct {
		Request int    `json:"request"`
		Error   []byte `json:"error"` // the exception as the client of the task expects it; empty if it could not be made
	}
	// Socket names a file that the host removes when the worker is reaped, and that is left if the host dies first.
	Socket struct {
		Pid  int    `json:"pid"`
		Path string `json:"path"`
	}
	// Pong answers Ping.
	Pong struct{}
	// Exited tells the wait status of a worker, which stays a zombie until Reap.
	Exited struct {
		Pid    int `json:"pid"`
		Status int `json:"status"`
	}
)

// Where the agents of workers are: Scaler's own in the workers, or ours in the manager.
const (
	AgentScaler = "scaler"
	AgentNative = "native"
)

// States of a Processor.
const (
	ProcessorStarted   = "started"
	ProcessorSuspended = "suspended"
	ProcessorResumed   = "resumed"
	ProcessorEnded     = "ended"
)

// States of a Spare. One that is taken or dropped is not told of.
const (
	SpareMade  = "made" // the process of a worker that is yet to come
	SpareReady = "ready"
	SpareGone  = "gone" // or could not be made
)

func (Ready) kind() string       { return "ready" }
func (Failed) kind() string      { return "failed" }
func (Configured) kind() string  { return "configured" }
func (Started) kind() string     { return "started" }
func (Refused) kind() string     { return "refused" }
func (Registered) kind() string  { return "registered" }
func (Busy) kind() string        { return "busy" }
func (Idle) kind() string        { return "idle" }
func (Parent) kind() string      { return "parent" }
func (Processor) kind() string   { return "processor" }
func (Spare) kind() string       { return "spare" }
func (Pong) kind() string        { return "pong" }
func (Socket) kind() string      { return "socket" }
func (Exited) kind() string      { return "exited" }
func (Checked) kind() string     { return "checked" }
func (NotForked) kind() string   { return "not_forked" }
func (Terminate) kind() string   { return "terminate" }
func (FailureMade) kind() string { return "failure_made" }
