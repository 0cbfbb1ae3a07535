package agents

import (
	"context"

	"github.com/scaler-native/scaler-native/go/internal/agent"
)

// Report is the state of all agents at one moment.
type Report struct {
	Proportional bool                 // memory is PSS rather than RSS, as in heartbeats
	Workers      map[int]WorkerReport // by worker number
	Statistics   agent.Statistics     // of all agents so far, including removed ones
}

// WorkerReport is one agent of a Report.
type WorkerReport struct {
	agent.View
	Statistics agent.Statistics
	Used       map[int]Used // by processor pid
}

// Used is the resource usage of a processor, as in the last heartbeat.
type Used struct {
	CPU    float64 // in CPUs, since the heartbeat before
	Memory uint64  // in bytes; 0 if PSS was not read yet
}

// Report returns a report. It returns false if ctx or Run ends first.
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
				worker.Used[p.Pid] = known.reported
			}
		}
		report.Workers[number] = worker
		report.Statistics.Add(&worker.Statistics)
	}
	return report
}
