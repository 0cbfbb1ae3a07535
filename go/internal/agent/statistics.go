package agent

import "time"

// Bounds are the inclusive upper bounds of a Histogram's buckets. The last bucket has none.
var Bounds = [...]time.Duration{
	time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond,
	500 * time.Millisecond, time.Second, 5 * time.Second, 10 * time.Second, time.Minute, 5 * time.Minute, time.Hour,
}

// Histogram counts durations by the buckets of Bounds.
type Histogram struct {
	Counts [len(Bounds) + 1]uint64
	Sum    time.Duration
}

func (h *Histogram) observe(d time.Duration) {
	i := 0
	for i < len(Bounds) && d > Bounds[i] {
		i++
	}
	h.Counts[i]++
	h.Sum += d
}

func (h *Histogram) add(other *Histogram) {
	for i, count := range other.Counts {
		h.Counts[i] += count
	}
	h.Sum += other.Sum
}

// Statistics count the tasks of an agent by outcome. Tasks that are handed back to the scheduler are not counted.
type Statistics struct {
	Succeeded uint64
	Failed    uint64 // raised an exception
	Cancelled uint64
	Died      uint64    // lost their processor
	Waits     Histogram // from the arrival of a task to its start
	Runs      Histogram // from the start of a task to its result
}

// Add adds the statistics of another agent.
func (s *Statistics) Add(other *Statistics) {
	s.Succeeded += other.Succeeded
	s.Failed += other.Failed
	s.Cancelled += other.Cancelled
	s.Died += other.Died
	s.Waits.add(&other.Waits)
	s.Runs.add(&other.Runs)
}

// Statistics returns the agent's statistics, which change with further events.
func (a *Agent) Statistics() *Statistics { return &a.statistics }
