package state

// Values of Event.Kind.
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
	WorkerStopped    = "worker stopped" // by the manager
	WorkerDied       = "worker died"    // by itself
	WorkerRefused    = "worker refused" // could not be started
	ProcessorDied    = "processor died"
	ProcessKilled    = "process killed"    // by the kernel, over its worker's memory limit; not a processor
	ProcessorRetired = "processor retired" // recycled between tasks
)
