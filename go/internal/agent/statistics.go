package agent

import "time"

// Bounds are the upper ends of a Histogram's buckets. Above the last one there is another bucket.
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

// Statistics are what became of the tasks that an agent was given. One that another worker runs in the end is in none.
type Statistics struct {
	Succeeded uint64
	Failed    uint64 // by an exception
	Cancelled uint64
	Died      uint64    // with their processor
	Waits     Histogram // from the arrival of a task to its start
	Runs      Histogram // from the start of a task that succeeded or failed to its end
}

// Add adds those of another agent.
func (s *Statistics) Add(other *Statistics) {
	s.Succeeded += other.Succeeded
	s.Failed += other.Failed
	s.Cancelled += other.Cancelled
	s.Died += other.Died
	s.Waits.add(&other.Waits)
	s.Runs.add(&other.Runs)
}

// Statistics are those of the agent until now.
func (a *Agent) Statistics() *Statistics { return &a.statistics }
