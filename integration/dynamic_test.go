package integration

import (
	"regexp"
	"syscall"
	"testing"
)

// The quick start in dynamic mode: from no worker up under load, never above the limit, and down to none.
func TestDynamic(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{policy: policyVanilla})
		m := c.startManager(t, "dynamic", c.quick(dynamic("3")))
		c.monitor.wait(t, "the manager without a worker", connectTimeout, func(s *state) bool {
			managed, known := s.Managers[m.name]
			return known && len(managed) == 0
		})

		var answer struct{ Squares []int }
		c.ask(t, &answer, "squares.py")
		if len(answer.Squares) != 100 {
			t.Fatalf("%d squares, want 100", len(answer.Squares))
		}
		for i, square := range answer.Squares {
			if square != i*i {
				t.Errorf("the square of %d is %d on the cluster", i, square)
			}
		}

		load := c.startClient(t, "sleepers.py", c.address, "60", "0.15")
		c.monitor.waitWorkers(t, "as many workers as allowed", 3)
		load.finish(t)
		c.monitor.waitWorkers(t, "no worker after the load", 0)
		if !testsUpstream() {
			for _, said := range []string{`\b3 of \d+ workers are registered`, `\b0 of \d+ workers are registered`} {
				if _, ok := m.output.wait(regexp.MustCompile(said), 0, connectTimeout); !ok {
					t.Errorf("the manager does not say %s", said)
				}
			}
		}
		if c.monitor.state.Peak > 3 {
			t.Errorf("%d workers at a time, want 3 at most", c.monitor.state.Peak)
		}

		// With workers alive, and in the middle of tasks: the signal ends them all the same.
		load = c.startClient(t, "sleepers.py", c.address, "60", "0.5")
		c.monitor.waitWorkers(t, "2 workers under load", 2)
		m.end(t, syscall.SIGTERM)
		load.kill()
	})
}

// quick makes a manager in dynamic mode honour a decrease soon. The worker managers under test know the option with every
// release, upstream's from 2.9 on.
func (c *cluster) quick(s setup) setup {
	if !testsUpstream() || c.release.number() >= 2009 {
		s.arguments = append(s.arguments, "--scale-down-cooldown-seconds", "1")
	}
	return s
}
