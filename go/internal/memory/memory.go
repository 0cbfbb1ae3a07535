// Package memory measures what the process groups of workers occupy and judges it
// against a limit. Shared pages are counted in proportion (PSS), because all workers
// share most of what the worker host has imported.
package memory

// Usage is the memory of a process group at a moment.
type Usage struct {
	// Total is in bytes. Unless Exact, pages that processes share are counted in full in each of them, so that the
	// real value is lower.
	Total int64
	Exact bool
	// Processes are the living members of the group.
	Processes []Process
}

// Process is a member of a group.
type Process struct {
	Pid int
	// Bytes is counted as in Usage.Total.
	Bytes int64
	// Started is when, in clock ticks since boot: with the pid it names a process for good. It is 0 for a group that
	// was not looked at closer.
	Started uint64
}

// Level says how near a worker is to its limit.
type Level int

const (
	Fine Level = iota
	// Near is from 90 % of the limit on.
	Near
	// Over is above the limit.
	Over
)

// Verdict is what Judge finds.
type Verdict struct {
	Level Level
	// Victim is the process to end when Level is Over: the largest one beside the worker itself, which would take its
	// queue along. Its Pid is 0 when there is no other.
	Victim Process
}

// Judge holds a usage against a limit in bytes; 0 is no limit. The leader of the group is the worker.
func Judge(usage Usage, leader int, limit int64) Verdict {
	switch {
	case limit <= 0 || usage.Total < near(limit):
		return Verdict{Level: Fine}
	case usage.Total <= limit:
		return Verdict{Level: Near}
	}
	verdict := Verdict{Level: Over}
	for _, process := range usage.Processes {
		if process.Pid != leader && process.Bytes > verdict.Victim.Bytes {
			verdict.Victim = process
		}
	}
	return verdict
}

func near(limit int64) int64 { return limit - limit/10 }

// worthReading tells whether a group that occupies so much without regard to sharing may be near its limit. The counters of
// resident pages lag behind by some MiB on hosts with many CPUs (since Linux 6.2), hence the distance.
func worthReading(resident, limit int64) bool { return resident >= limit-limit/4 }
