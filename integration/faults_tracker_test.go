package integration

import (
	"syscall"
	"testing"
	"time"
)

// trackers returns the resource trackers below a manager: one is a fork of the host's, others would be workers' own.
func trackers(m *manager) (list []int) {
	for _, pid := range descendants(m.pid()) {
		if isTracker(pid) {
			list = append(list, pid)
		}
	}
	return list
}

// awaitTracker waits for one tracker that is not the former one.
func (m *manager) awaitTracker(t *testing.T, former int) int {
	t.Helper()
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(20 * time.Millisecond) {
		if list := trackers(m); len(list) == 1 && list[0] != former {
			return list[0]
		}
		if time.Now().After(deadline) {
			t.Fatalf("there is no new resource tracker but %v", trackers(m))
		}
	}
}

// Python's resource tracker is killed, which knows the semaphores that are to be removed when a worker is killed; then
// all workers are. Nothing is left, neither at once nor at the end.
func TestFaultTracker(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := startFaultCluster(t, r, "127.0.0.1", "--worker-timeout-seconds", schedulerPatience)
		start := dynamic("3", "--scale-down-cooldown-seconds", "1", "--stop-timeout-seconds", "4")
		c.mark.ownSemaphores(t, r, "tracker", &start)
		m := c.startManager(t, "tracker", start)
		l := c.startLoad(t, "first", sceneLoad, sceneTask, 25*time.Second)
		work := func(since time.Time) {
			t.Helper()
			if _, ok := l.awaitConcurrent(t, since, 3, connectTimeout); !ok {
				t.Fatal("3 workers have not come to work")
			}
		}
		work(time.Now())
		first := m.awaitTracker(t, 0)
		// Twice: the second one is another fork, on the same pipe.
		for range 2 {
			time.Sleep(1100 * time.Millisecond) // one that ends within a second of its beginning is not replaced
			_ = syscall.Kill(first, syscall.SIGKILL)
			first = m.awaitTracker(t, first)
			begun := time.Now()
			for _, worker := range workersOf(m) {
				_ = syscall.Kill(worker, syscall.SIGKILL)
			}
			work(begun)
		}
		l.client.kill()
		m.endWithin(t, scaleStop)
	}, oldAndNew...)
}
