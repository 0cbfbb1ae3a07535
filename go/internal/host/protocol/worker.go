package protocol

// Messages of the host.
type (
	// Ready reports what the host has found.
	Ready struct {
		Version     int               `json:"version"`
		Python      string            `json:"python"`
		Scaler      string            `json:"scaler"`
		Transport   string            `json:"transport"`  // "zmq" or "ymq": the release's own choice
		Transports  map[string]string `json:"transports"` // transport to value of SCALER_NETWORK_BACKEND
		Tags        map[string]uint16 `json:"tags"`       // union tags by member: heartbeat, echo, command, response
		Log         Log               `json:"log"`
		NoFork      string            `json:"no_fork"`            // why the host cannot fork; "" if it can
		NotImported map[string]string `json:"not_imported"`       // modules of Hello.Imports that failed, with the reason
		Warnings    []string          `json:"warnings,omitempty"` // about side effects of those imports, for the log
		Agent       Agent             `json:"agent"`
		Sockets     string            `json:"sockets,omitempty"` // path prefix of workers' sockets; "" if unknown
		// Semaphores is the path prefix of named semaphores of workers and processors; "" if they are not files.
		Semaphores string `json:"semaphores,omitempty"`
	}
	// Log describes the release's log: formats of Python's logging, and names by level number.
	Log struct {
		Screen string            `json:"screen"`
		File   string            `json:"file"`
		Levels map[string]string `json:"levels"`
	}
	// Agent is what the manager has to know about the installed Scaler in order to replace its agent.
	Agent struct {
		Tags      map[string]uint16 `json:"tags"`       // union tags by message, such as "task_cancel"
		Digest    string            `json:"digest"`     // SHA-256 of the sources that the manager replaces; "" if unknown
		Missing   string            `json:"missing"`    // an unknown parameter of Processor; "" if there is none
		Formats   map[string]string `json:"formats"`    // of Python's module struct: "task_flags", "profile"
		KillDelay float64           `json:"kill_delay"` // seconds from a processor's SIGTERM to its SIGKILL
	}
	// Checked answers Check.
	Checked struct {
		Error  string            `json:"error"`  // what differs; "" if the host decodes the manager's frames correctly
		Frames map[string][]byte `json:"frames"` // as the installed Scaler encodes the samples
	}
	// Failed reports why the host cannot serve. It is the last message.
	Failed struct {
		Error   string `json:"error"`
		Machine bool   `json:"machine,omitempty"` // another interpreter would not help
	}
	// Configured names the options that the installed release does not have.
	Configured struct {
		Unknown []string `json:"unknown"`
		Mortal  string   `json:"mortal,omitempty"` // why objects are mortal, so that reading them copies pages; "" if not
	}
	// Started reports the pid of a worker, which is also its process group, and its identity.
	Started struct {
		Worker     int    `json:"worker"`
		Pid        int    `json:"pid"`
		Identity   string `json:"identity"`
		Disconnect []byte `json:"disconnect"` // the frame that disconnects the worker from the scheduler
	}
	// Refused reports why a worker could not be started.
	Refused struct {
		Worker int    `json:"worker"`
		Error  string `json:"error"`
	}
	// Registered reports that the scheduler has answered the worker's first heartbeat.
	Registered struct {
		Worker int `json:"worker"`
	}
	// Busy reports that a worker has tasks, after it had none.
	Busy struct {
		Worker int `json:"worker"`
	}
	// Idle reports that a worker has had no task for 50 ms.
	Idle struct {
		Worker int `json:"worker"`
	}
	// Parent reports the parent process of a worker's processors. When it exits, so does the worker.
	Parent struct {
		Worker int `json:"worker"`
		Pid    int `json:"pid"`
	}
	// Processor reports the state of a processor.
	Processor struct {
		Worker int    `json:"worker"`
		Pid    int    `json:"pid"`
		State  string `json:"state"`            // one of the Processor... constants
		Status int    `json:"status,omitempty"` // AgentNative, ProcessorEnded: wait status of the reaped process
	}
	// Spare reports the state of a spare processor. Without a number it was made for a new worker.
	Spare struct {
		Worker int    `json:"worker"`
		Pid    int    `json:"pid,omitempty"`    // SpareReady
		Parent int    `json:"parent,omitempty"` // pid of the worker's process; none if it could not be made
		State  string `json:"state"`            // one of the Spare... constants
	}
	// NotForked reports why a Fork failed.
	NotForked struct {
		Worker int    `json:"worker"`
		Error  string `json:"error"`
	}
	// Terminate reports that the process of a worker with a native agent got SIGTERM or SIGINT.
	Terminate struct {
		Worker int `json:"worker"`
		Signal int `json:"signal"`
	}
	// FailureMade answers Failure.
	FailureMade struct {
		Request int    `json:"request"`
		Error   []byte `json:"error"` // the serialized exception for the client; empty if there is none
	}
	// Socket reports a file that the host removes when it reaps the worker, and that remains if the host dies first.
	Socket struct {
		Pid  int    `json:"pid"`
		Path string `json:"path"`
	}
	// Pong answers Ping.
	Pong struct{}
	// Exited reports the wait status of a worker, which stays a zombie until Reap.
	Exited struct {
		Pid    int `json:"pid"`
		Status int `json:"status"`
	}
)

// Where the agents of workers run: in processes of Scaler's own, or in the manager.
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

// States of a Spare. A spare that was taken or dropped is not reported.
const (
	SpareMade  = "made" // the process of a new worker exists
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
