package state

// The kinds of events.
const (
	ManagerStarted   = "manager started"
	ManagerDraining  = "manager draining"
	ManagerResumed   = "manager resumed"
	ManagerResized   = "manager resized"
	ManagerStopping  = "manager stopping"
	SchedulerFound   = "scheduler found"
	SchedulerLost    = "scheduler lost"
	HostStarted      = "host started"
	HostLost         = "host lost"
	DesiredChanged   = "desired changed"
	WorkerStarted    = "worker started"
	WorkerRegistered = "worker registered"
	WorkerDraining   = "worker draining"
	WorkerStopped    = "worker stopped" // asked to end, and ended
	WorkerDied       = "worker died"    // unasked
	WorkerRefused    = "worker refused" // never came to be
	ProcessorDied    = "processor died"
	ProcessKilled    = "process killed"    // by the kernel, for its worker's limit of memory; no processor
	ProcessorRetired = "processor retired" // recycled between two tasks
)
