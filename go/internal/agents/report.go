package agents

import (
	"context"

	"github.com/scaler-native/scaler-native/go/internal/agent"
)

// Report is what there is of all agents at a moment.
type Report struct {
	Proportional bool                 // memory is PSS, and not RSS: what heartbeats tell
	Workers      map[int]WorkerReport // by number
	Statistics   agent.Statistics     // of all agents since the set was made, those that are gone as well
}

// WorkerReport is one agent of a Report.
type WorkerReport struct {
	agent.View
	Statistics agent.Statistics
	Used       map[int]Used // by pid of its processors
}

// Used is what a processor used when the last heartbeat told of it.
type Used struct {
	CPU    float64 // in CPUs, since the heartbeat before
	Memory uint64  // bytes; 0 before PSS was read
}

// Report asks for one. It is false when ctx or the set has ended.
func (s *Set) Report(ctx context.Context) (Report, bool) {
	answer := make(chan Report, 1)
	s.box.Put(func() { answer <- s.report() })
	select {
	case report := <-answer:
		return report, true
	case <-s.closed:
	case <-ctx.Done():
	}
	return Report{}, false
}

func (s *Set) report() Report {
	report := Report{
		Proportional: s.options.Proportional, Workers: make(map[int]WorkerReport, len(s.members)), Statistics: s.ended,
	}
	for number, m := range s.members {
		worker := WorkerReport{View: m.agent.View(), Statistics: *m.agent.Statistics(), Used: map[int]Used{}}
		for _, p := range worker.Processors {
			if known := s.usage.processes[p.Pid]; known != nil {
				worker.Used[p.Pid] = known.told
			}
		}
		report.Workers[number] = worker
		report.Statistics.Add(&worker.Statistics)
	}
	return report
}
