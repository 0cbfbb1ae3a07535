package faults

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// SCALER_FAULTS=all tries every fault with every release and with the Python manager too; SCALER_FAULTS_TABLE names the
// file for the outcomes.
func allFaults() bool { return os.Getenv("SCALER_FAULTS") == "all" }

// pythonPatience is how long the Python manager may take for what ours has to do.
const pythonPatience = 20 * time.Second

// An outcome is what happened after a fault.
type outcome struct {
	waited bool          // for the capacity
	back   time.Duration // until all workers were at work again; negative if they were not
	rerun  time.Duration // until tasks that were hit ran again; 0 if none were
	lost   int           // tasks without their right result; negative if the client stood still
	twice  int           // executed again without need
	left   int           // processes that outlived their manager
	stop   time.Duration // the manager's end; negative if it did not end
	spoilt bool          // demands were missed where Scaler's own scheduler is known to fail
}

// After every fault, in fixed and in dynamic mode under load, all workers are back in time, no task that can run again
// is lost, none runs again without need, and no process is left.
func TestFaults(t *testing.T) {
	table := &faultTable{cells: map[faultCase]*faultRow{}}
	t.Run("all", func(t *testing.T) {
		for _, f := range faults() {
			for _, mode := range f.modes {
				for _, r := range cluster.Releases(t, faultedOnes...) {
					if f.only != nil && !slices.Contains(f.only, r) || !allFaults() && !slices.Contains(f.quick, r) {
						continue
					}
					c := faultCase{f.name, mode, r}
					table.order = append(table.order, c)
					run := func(t *testing.T, ours bool) {
						t.Parallel()
						if f.root {
							cluster.NeedRoot(t, "network namespaces and mounts")
						}
						s := &scene{t: t, ours: ours, mode: mode, fault: f}
						s.run(r)
						t.Logf("outcome: %s", s.outcome)
						s.outcome.spoilt = s.excused() && s.outcome.misses(f.want, ours)
						table.set(c, ours, s.outcome)
					}
					name := strings.ReplaceAll(f.name+" "+mode+" "+string(r), ",", "")
					t.Run(name, func(t *testing.T) { run(t, true) })
					if allFaults() && !f.ours && mode != modeRestart {
						t.Run(name+" Python", func(t *testing.T) { run(t, false) })
					}
				}
			}
		}
	})
	if path := os.Getenv("SCALER_FAULTS_TABLE"); path != "" {
		table.write(t, path)
	}
}

// run plays the scene: work, the fault, work again, the end.
func (s *scene) run(r cluster.Release) {
	t := s.t
	host := "127.0.0.1"
	if s.fault.before != nil {
		s.fault.before(s)
	}
	if s.network != nil {
		host = s.network.Address
	}
	s.cluster = cluster.StartWithoutMonitor(t, r, host, s.patience()...)
	if s.fault.alone != nil {
		s.fault.alone(s)
		return
	}
	s.begin()
	s.fault.strike(s)

	want := s.fault.want
	if want.back > 0 {
		limit := pythonPatience
		if s.ours {
			limit = want.back + 20*time.Second // late is to be told from never
		}
		s.outcome.waited = true
		var ok bool
		if s.outcome.back, ok = s.load.AwaitConcurrent(t, s.since, sceneWorkers, limit); !ok {
			s.outcome.back = -1
		}
		if s.ours && !s.excused() && (!ok || s.outcome.back > want.back) {
			t.Errorf("all workers were back after %v, want %v at most", s.outcome.back, want.back)
		}
	}
	s.judgeLoad()
	if s.last != nil {
		s.last()
	}
	if s.manager.Running() || s.ours {
		s.judgeStop(s.ends(s.manager, syscall.SIGTERM))
	}
}

// excused tells whether it is the scheduler that fails.
func (s *scene) excused() bool { return slices.Contains(s.fault.want.fails, s.cluster.Release) }

func (s *scene) judgeLoad() {
	t, want := s.t, s.fault.want
	harvest, ok := s.load.Finish(t)
	s.outcome.twice, s.outcome.rerun = cluster.Repeats(s.load.Executions(t), s.victims)
	if s.outcome.lost = harvest.Lost(); !ok {
		s.outcome.lost = -1
	}
	t.Logf("the load: %+v", harvest)
	if !s.ours || s.excused() {
		return
	}
	if !ok || s.outcome.lost > want.lost {
		t.Errorf("lost tasks: %d (%+v), want %d at most", s.outcome.lost, harvest, want.lost)
	}
	if s.outcome.twice > 0 {
		t.Errorf("%d tasks ran again without need", s.outcome.twice)
	}
	if want.rerun > 0 && s.outcome.rerun > want.rerun {
		t.Errorf("tasks that were hit ran again after %v, want %v at most", s.outcome.rerun, want.rerun)
	}
}

// judgeStop keeps the slowest of the manager's ends.
func (s *scene) judgeStop(took time.Duration, ok bool) {
	if !ok {
		s.outcome.stop = -1
		if s.ours {
			s.t.Errorf("the manager does not end")
		}
	} else if s.outcome.stop >= 0 {
		s.outcome.stop = max(s.outcome.stop, took)
	}
}
