package state

// Drain asks a manager to take no new tasks: each worker finishes what runs, hands what waits back to the scheduler and
// ends.
type Drain struct {
	// Deadline is how long tasks may go on, in seconds; those that still run then are run elsewhere. 0 is no limit.
	Deadline float64 `json:"deadline,omitempty"`
	// End has the manager end afterwards. Else it waits to be told to resume.
	End bool `json:"end,omitempty"`
}

// Resize asks for another number of workers: in fixed mode how many there are, in dynamic mode the most that a
// scheduler gets (-1: as many as it asks for).
type Resize struct {
	Count int `json:"count"`
}

// Restart asks for new workers in place of old ones, each of which first finishes its task.
type Restart struct {
	Workers []string `json:"workers,omitempty"` // ids
	All     bool     `json:"all,omitempty"`     // one after the other
}

// Stacks are the Python stacks of a worker's processors.
type Stacks struct {
	Worker     string            `json:"worker"`
	Processors []ProcessorStacks `json:"processors"`
}

// ProcessorStacks are the stacks of a processor's threads, or why there are none.
type ProcessorStacks struct {
	Pid   int    `json:"pid"`
	Text  string `json:"text,omitempty"`
	Error string `json:"error,omitempty"`
}

// Line is a line of the manager's log.
type Line struct {
	Text string `json:"text"`
}

// Error is the answer to a request that cannot be met.
type Error struct {
	Error string `json:"error"`
}
