package remote

import (
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A machine is switched off without anybody having asked for it. Its tasks run again on the other one. The manager that
// started it never notices: it counts the machine on, and starts none in its place.
func TestTaken(t *testing.T) {
	needThorough(t)
	t.Parallel()
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.Reserve(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		c.Start(t, "--worker-timeout-seconds", "5")
		cloud := newCloud(t, c.Mark, imageOf(t, r), ecs.grace)
		// It would stop the machine that is left, and count on the one that is gone.
		startManager(t, c, cloud, ecs, "--max-task-concurrency", ecs.concurrency(r), "--scale-down-cooldown-seconds", "90")
		load := c.StartLoad(t, "load", 60, 0.2, cluster.ClientTimeout)
		victim := cloud.AwaitMachine(t, 2)
		c.Monitor.WaitWorkers(t, "the workers of two machines", 4)
		awaitOpen(t, load, 3) // one of them on the second machine, as a machine has two workers

		at := time.Now()
		victim.PowerOff()
		victim.Wait(cluster.StopTimeout)
		c.Monitor.WaitWorkers(t, "the workers of the other machine", 2)
		if h, ok := load.Finish(t); !ok || h.Lost() > 0 {
			t.Errorf("the load ended with %+v", h)
		}
		lost, again := map[int]bool{}, map[int]time.Duration{}
		for _, e := range load.Executions(t) {
			if e.End.IsZero() {
				lost[e.Task] = true
			} else if lost[e.Task] {
				again[e.Task] = e.End.Sub(at)
			}
		}
		t.Logf("tasks that were lost: %v; done after: %v", lost, again)
		if len(lost) == 0 || len(again) != len(lost) {
			t.Errorf("%d tasks ran on the machine, %d of them ran again", len(lost), len(again))
		}
		if count := len(cloud.Machines()); count != 2 {
			t.Errorf("Scaler's manager has started %d machines: it does replace what is lost", count)
		}
	}, cluster.Newest...)
}

// awaitOpen waits until that many tasks have begun and not ended. Two machines may have the same pids.
func awaitOpen(t *testing.T, load *cluster.Load, count int) {
	t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(10 * time.Millisecond) {
		open := 0
		for _, e := range load.Executions(t) {
			if e.End.IsZero() {
				open++
			}
		}
		if open >= count {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d tasks are at work, want %d", open, count)
		}
	}
}
