package remote

import (
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Machines reach the scheduler and the storage at other addresses than their manager and what the scheduler announces.
func TestAddresses(t *testing.T) {
	t.Parallel()
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.Reserve(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		c.Start(t)
		scheduler, storage := cluster.NewRelay(t, c.At(0)), cluster.NewRelay(t, c.At(1))
		cloud := newCloud(t, c.Mark, imageOf(t, r), ecs.grace)
		startManager(t, c, cloud, ecs, "--max-task-concurrency", ecs.concurrency(r), publicAddress(r), scheduler.Address(),
			"--object-storage-address", storage.Address(), "--per-worker-capabilities", "gpu=2,linux",
			"--hard-processor-suspend", "--preload", "time:sleep(0)", "--per-worker-task-queue-size", "7")
		c.CheckAdds(t)
		t.Logf("the command: %s", cloud.AwaitMachine(t, 1).Command)
		for name, relay := range map[string]*cluster.Relay{"scheduler": scheduler, "storage": storage} {
			if relay.Connections.Load() == 0 {
				t.Errorf("no machine has used the address of the %s that it was given", name)
			}
		}
		c.Monitor.Drain()
		for worker, capabilities := range c.Monitor.State.Connected {
			if capabilities["gpu"] != 2 {
				t.Errorf("worker %s has the capabilities %v", worker, capabilities)
			}
		}
	}, cluster.OldAndNew...)
}
