// Package preflight checks whether the limits of the operating system allow for the wanted number of workers. Later
// errors (EAGAIN from fork, EMFILE from socket) do not name the limit.
package preflight

import (
	"fmt"
	"math"
)

// What workers with one processor each need on Linux. A worker (its agent with threads, the parent of its processors,
// and a processor) is 6 tasks, which means processes and threads, with Scaler 2.9.0, and 8 with 1.26.6. The host has
// one file descriptor per worker, 10 (2.9.0) or 23 (1.26.6) of its own, and two more while it forks. A forked worker
// shares most of its memory until it runs tasks. What tasks and their libraries start and allocate comes on top.
const (
	tasksOfWorker       = 9
	tasksOfManager      = 32 // with the worker host and its resource tracker
	descriptorsOfHost   = 64
	descriptorsOfWorker = 2
	mebibytesOfWorker   = 8
	mebibytesOfHost     = 64
	unlimited           = ^uint64(0)
)

// HostDescriptors returns how many file descriptors the worker host needs for a number of workers.
func HostDescriptors(workers int) uint64 {
	return descriptorsOfHost + descriptorsOfWorker*uint64(max(workers, 0))
}

func tasks(workers int) uint64 {
	return tasksOfManager + tasksOfWorker*uint64(max(workers, 0))
}

// budget is a limit and its current usage.
type budget struct {
	name, remedy string
	limit, used  uint64
}

// Check returns a warning for each limit that is too low for the workers: its name and value, what is needed, and how
// to raise it. For open files the hard limit counts, because the worker host raises its soft limit. Limits that cannot
// be read are ignored.
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
		// The order of the comparisons avoids an overflow.
		if b.limit < b.used || b.limit-b.used < needed {
			found = append(found, fmt.Sprintf(
				"%d workers need about %d processes and threads, %s is %d, of which %d are used: %s",
				workers, needed, b.name, b.limit, b.used, b.remedy))
		}
	}
	return found
}

// Capacity returns how many more workers this machine can hold, and which limit that comes from. It returns math.MaxInt
// and "" if no limit is known. Memory is estimated for idle workers: more than this cannot work, and even less may be
// too many.
func Capacity() (workers int, reason string) {
	needs := []need{{openFiles(), descriptorsOfHost, descriptorsOfWorker, "open files in the worker host"}}
	for _, b := range taskBudgets(unlimited) {
		needs = append(needs, need{b, tasksOfManager, tasksOfWorker, "processes and threads"})
	}
	for _, b := range memoryBudgets() {
		needs = append(needs, need{b, mebibytesOfHost, mebibytesOfWorker, "MiB of memory"})
	}
	return least(needs)
}

// need is a budget, and the shares of it that the manager and each worker take.
type need struct {
	budget
	base, each uint64
	what       string
}

func least(needs []need) (workers int, reason string) {
	workers = math.MaxInt
	for _, n := range needs {
		if n.limit == unlimited {
			continue
		}
		fit := 0
		if taken := n.used + n.base; taken < n.limit {
			fit = int(min((n.limit-taken)/n.each, math.MaxInt-1))
		}
		if fit < workers {
			workers = fit
			reason = fmt.Sprintf("a worker takes about %d %s, %s is %d, of which %d are used: %s",
				n.each, n.what, n.name, n.limit, n.used, n.remedy)
		}
	}
	return workers, reason
}

// CoreDumps describes whether a crashed worker leaves a core dump, for the log.
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
