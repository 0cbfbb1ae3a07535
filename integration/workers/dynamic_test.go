package workers

import (
	"regexp"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// The quick start in dynamic mode: workers come under load, never more than the limit, and go afterwards.
func TestDynamic(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		m := c.StartManager(t, "dynamic", c.Quick(cluster.Dynamic("3")))
		c.Monitor.Wait(t, "the manager without a worker", cluster.ConnectTimeout, func(s *cluster.State) bool {
			managed, known := s.Managers[m.Name]
			return known && len(managed) == 0
		})

		var answer struct{ Squares []int }
		c.Ask(t, &answer, "squares.py")
		if len(answer.Squares) != 100 {
			t.Fatalf("%d squares, want 100", len(answer.Squares))
		}
		for i, square := range answer.Squares {
			if square != i*i {
				t.Errorf("the square of %d is %d on the cluster", i, square)
			}
		}

		load := c.StartClient(t, "sleepers.py", c.Address, "60", "0.15")
		c.Monitor.WaitWorkers(t, "as many workers as allowed", 3)
		load.Finish(t)
		c.Monitor.WaitWorkers(t, "no worker after the load", 0)
		if !cluster.TestsUpstream() {
			for _, said := range []string{`\b3 of \d+ workers are registered`, `\b0 of \d+ workers are registered`} {
				if _, ok := m.Output.Wait(regexp.MustCompile(said), 0, cluster.ConnectTimeout); !ok {
					t.Errorf("the manager does not say %s", said)
				}
			}
		}
		if c.Monitor.State.Peak > 3 {
			t.Errorf("%d workers at a time, want 3 at most", c.Monitor.State.Peak)
		}

		// The signal ends workers in the middle of tasks, too.
		load = c.StartClient(t, "sleepers.py", c.Address, "60", "0.5")
		c.Monitor.WaitWorkers(t, "2 workers under load", 2)
		m.End(t, syscall.SIGTERM)
		load.Kill()
	})
}
