package faults

import (
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// trackers returns the resource trackers below a manager: one is a fork of the host's, others would be workers' own.
func trackers(m *cluster.Manager) (list []int) {
	for _, pid := range cluster.Descendants(m.PID()) {
		if cluster.IsTracker(pid) {
			list = append(list, pid)
		}
	}
	return list
}

// awaitTracker waits until there is exactly one tracker, other than the former one.
func awaitTracker(t *testing.T, m *cluster.Manager, former int) int {
	t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(20 * time.Millisecond) {
		if list := trackers(m); len(list) == 1 && list[0] != former {
			return list[0]
		}
		if time.Now().After(deadline) {
			t.Fatalf("no new resource tracker, only %v", trackers(m))
		}
	}
}

// Python's resource tracker, which knows which semaphores to remove when a worker is killed, is killed itself; then all
// workers are. Nothing is left, neither then nor at the end.
func TestFaultTracker(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.StartWithoutMonitor(t, r, "127.0.0.1", "--worker-timeout-seconds", schedulerPatience)
		start := cluster.Dynamic("3", "--scale-down-cooldown-seconds", "1", "--stop-timeout-seconds", "4")
		c.Mark.OwnSemaphores(t, r, "tracker", &start)
		m := c.StartManager(t, "tracker", start)
		l := c.StartLoad(t, "first", sceneLoad, sceneTask, 25*time.Second)
		work := func(since time.Time) {
			t.Helper()
			if _, ok := l.AwaitConcurrent(t, since, 3, cluster.ConnectTimeout); !ok {
				t.Fatal("3 workers are not at work")
			}
		}
		work(time.Now())
		first := awaitTracker(t, m, 0)
		// Twice: the second one is another fork, on the same pipe.
		for range 2 {
			time.Sleep(1100 * time.Millisecond) // one that ends within a second of its beginning is not replaced
			_ = syscall.Kill(first, syscall.SIGKILL)
			first = awaitTracker(t, m, first)
			begun := time.Now()
			for _, worker := range cluster.WorkersOf(m) {
				_ = syscall.Kill(worker, syscall.SIGKILL)
			}
			work(begun)
		}
		l.Client.Kill()
		m.EndWithin(t, scaleStop)
	}, cluster.OldAndNew...)
}
