package remote

import (
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A machine is switched off without anybody having asked for it. Its tasks run again on the other one, and the manager
// that started it never notices: it counts the machine on, and starts none for it.
func TestTaken(t *testing.T) {
	t.Parallel()
	const timeout = 5 * time.Second
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.Reserve(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		c.Start(t, "--worker-timeout-seconds", "5")
		cloud := newCloud(t, c.Mark, imageOf(t, r), ecs.grace)
		startManager(t, c, cloud, ecs, "--max-task-concurrency", ecs.concurrency(r))
		load := c.StartLoad(t, "load", 60, 0.2, cluster.ClientTimeout)
		victim := cloud.AwaitMachine(t, 2)
		c.Monitor.WaitWorkers(t, "the workers of two machines", 4)

		victims := map[int]time.Time{}
		at := time.Now()
		victim.PowerOff()
		victim.Wait(cluster.StopTimeout)
		c.Monitor.Wait(t, "the scheduler notices", timeout+10*time.Second, func(s *cluster.State) bool {
			return len(s.Workers) == 2
		})
		if h, ok := load.Finish(t); !ok || h.Lost() > 0 {
			t.Errorf("the load ended with %+v", h)
		}
		for _, e := range load.Executions(t) {
			if e.End.IsZero() {
				victims[e.Pid] = at
			}
		}
		twice, rerun := cluster.Repeats(load.Executions(t), victims)
		t.Logf("%d processors of the machine had a task; rerun after %.1f s; %d others ran twice",
			len(victims), rerun.Seconds(), twice)
		if count := len(cloud.Machines()); count != 2 {
			t.Errorf("Scaler's manager has started %d machines: it does replace what is lost", count)
		}
	}, cluster.Newest...)
}
