// Package preflight checks at the start whether the limits of the operating system leave room for the wanted number of
// workers. The errors that come later otherwise (EAGAIN from fork, EMFILE from socket) do not name the limit.
package preflight

import "fmt"

// What workers need, measured on Linux with one processor a worker. A worker with its processor has 5 tasks (processes
// and their threads) with Scaler 2.9.0 and 7 with 1.26.6, and the host holds one descriptor a worker beside 10 (2.9.0)
// or 23 (1.26.6) of its own, and two more while it forks. Libraries that start a thread for each CPU are not counted.
const (
	tasksOfWorker       = 8
	tasksOfManager      = 32 // with the worker host and its resource tracker
	descriptorsOfHost   = 64
	descriptorsOfWorker = 2
	unlimited           = ^uint64(0)
)

// HostDescriptors is how many open files the worker host needs for so many workers.
func HostDescriptors(workers int) uint64 {
	return descriptorsOfHost + descriptorsOfWorker*uint64(max(workers, 0))
}

func tasks(workers int) uint64 {
	return tasksOfManager + tasksOfWorker*uint64(max(workers, 0))
}

// budget is a limit and how much of it is in use.
type budget struct {
	name, remedy string
	limit, used  uint64
}

// Check returns a warning for each limit that is too low for the workers: its name and value, what is needed, and how to
// raise it. Of the limits of open files only the hard one counts, because the worker host raises its soft one. A limit that
// cannot be read is ignored.
func Check(workers int) []string {
	return warnings(workers, openFiles(), taskBudgets(tasks(workers)))
}

func warnings(workers int, descriptors budget, tasksLeft []budget) []string {
	var found []string
	if needed := HostDescriptors(workers); needed > descriptors.limit {
		found = append(found, fmt.Sprintf("%d workers need about %d open files in one process, %s is %d: %s",
			workers, needed, descriptors.name, descriptors.limit, descriptors.remedy))
	}
	needed := tasks(workers)
	for _, b := range tasksLeft {
		// Written so that it cannot overflow when there is no limit.
		if b.limit < b.used || b.limit-b.used < needed {
			found = append(found, fmt.Sprintf("%d workers need about %d processes and threads, %s is %d, of which %d are used: %s",
				workers, needed, b.name, b.limit, b.used, b.remedy))
		}
	}
	return found
}

// CoreDumps describes, for the log, what a crash leaves behind.
func CoreDumps() string { return describeCores(coreLimit()) }

func describeCores(limit uint64) string {
	switch limit {
	case 0:
		return "a worker that crashes leaves no core dump (RLIMIT_CORE is 0)"
	case unlimited:
		return "a worker that crashes may leave a core dump of any size (RLIMIT_CORE is unlimited)"
	}
	return fmt.Sprintf("a worker that crashes may leave a core dump of up to %d bytes (RLIMIT_CORE)", limit)
}
