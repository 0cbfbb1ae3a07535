package state

// Drain asks a manager to accept no more tasks: each worker finishes its running tasks, returns queued ones to the
// scheduler and ends.
type Drain struct {
	// Deadline is how long running tasks may take, in seconds. Then they are stopped, and rerun elsewhere. 0: no limit.
	Deadline float64 `json:"deadline,omitempty"`
	// End makes the manager end once drained. Otherwise it waits for a resume.
	End bool `json:"end,omitempty"`
}

// Resize changes the number of workers in fixed mode, and the maximum that the scheduler may request in dynamic mode
// (-1: no maximum).
type Resize struct {
	Count int `json:"count"`
}

// Restart replaces workers. Each finishes its running task first.
type Restart struct {
	Workers []string `json:"workers,omitempty"` // ids
	All     bool     `json:"all,omitempty"`     // every worker, one after the other
}

// Stacks are the Python stacks of a worker's processors.
type Stacks struct {
	Worker     string            `json:"worker"`
	Processors []ProcessorStacks `json:"processors"`
}

// ProcessorStacks are the stacks of a processor's threads, or the reason why they could not be read.
type ProcessorStacks struct {
	Pid   int    `json:"pid"`
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"`
}

// Line is one line of the manager's log.
type Line struct {
	Text string `json:"text"`
}

// Error is the response to a request that failed.
type Error struct {
	Error string `json:"error"`
}
