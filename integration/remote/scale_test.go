package remote

import (
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Each manager of each release starts machines while there is much work, whose managers share its id, stops one of them
// while its workers have tasks, and the other one when it ends itself. No task is lost. A manager whose machines do not
// have its id never learns how many workers there are, and stops none before it ends.
func TestScale(t *testing.T) {
	t.Parallel()
	eachManager(t, func(t *testing.T, r cluster.Release, k kind) {
		c := cluster.Reserve(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		c.Start(t, "--worker-timeout-seconds", "8")
		cloud := newCloud(t, c.Mark, imageOf(t, r), k.grace)
		parent := startManager(t, c, cloud, k, "--max-task-concurrency", k.concurrency(r))
		load := c.StartLoad(t, "load", 60, 0.2, cluster.ClientTimeout)
		count := k.machines(r)
		last := cloud.AwaitMachine(t, count)
		t.Logf("the command: %s", last.Command)
		c.Monitor.Wait(t, "the workers of all machines", cluster.ConnectTimeout, func(s *cluster.State) bool {
			return len(s.Workers) == 2*count
		})
		c.Monitor.Wait(t, "they are the manager's", cluster.ConnectTimeout, func(s *cluster.State) bool {
			return r.Number() < 2003 || !k.shares(last) || len(s.Managers[parentID]) == 2*count
		})
		t.Logf("workers by manager: %v", c.Monitor.State.Managers)
		for _, worker := range c.Monitor.State.Workers {
			if !strings.HasPrefix(worker, "Worker|"+k.workerType+"|") {
				t.Errorf("the scheduler sees worker %s, want type %s", worker, k.workerType)
			}
		}

		if k.shares(last) {
			load.Set(t, 3, 2)
			stopped := cloud.AwaitStop(t)
			t.Logf("%s is stopped", stopped.Name)
			stopped.checkEnded(t, k)
			c.Monitor.Wait(t, "the workers of one machine", cluster.ConnectTimeout, func(s *cluster.State) bool {
				return len(s.Workers) == 2
			})
		}
		// On EC2 from 2.1.4 to 2.5.0, and on ECS before 2.3 when there is one task for two workers, the only machine is
		// stopped again and again, and a longer task never comes to its end.
		if count == 1 || k.name == ecs.name && r.Number() < 2003 {
			if !load.AwaitEnded(t, 20, cluster.ConnectTimeout) {
				t.Error("no 20 tasks were done")
			}
		} else if h, ok := load.Finish(t); !ok || h.Lost() > 0 || h.Submitted == 0 {
			t.Errorf("the load ended with %+v", h)
		}

		parent.Signal(syscall.SIGTERM)
		if status, ok := parent.Wait(cluster.StopTimeout); !ok || status != 0 {
			t.Errorf("Scaler's manager ended with status %d (ended: %v)", status, ok)
		}
		cluster.CheckSaid(t, c.Scheduler, "Duplicate worker_manager_id", 0)
		for _, m := range cloud.Machines() {
			if !m.stopped.Load() {
				t.Logf("Scaler's manager leaves %s", m.Name)
				m.stop(k.grace)
			}
			m.checkEnded(t, k)
		}
	})
}
