package faults

import (
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Workers start and end again and again, as fast as the scheduler wants, and leave no process, no zombie and no
// descriptor.
func TestFaultCycles(t *testing.T) {
	t.Parallel()
	cycles := 8
	if allFaults() {
		cycles = 500
	}
	c := cluster.StartWithoutMonitor(t, "2.9.0", "127.0.0.1")
	m := c.StartManager(t, "manager", cluster.Dynamic("3", "--scale-down-cooldown-seconds", "0",
		"--heartbeat-interval-seconds", "1"))
	l := c.StartLoad(t, "first", 0, 0, 25*time.Second)
	var before int
	begun := time.Now()
	for cycle := range cycles {
		since := time.Now()
		l.Set(t, 30, 0.02)
		if _, ok := l.AwaitConcurrent(t, since, 1, cluster.ConnectTimeout); !ok {
			t.Fatalf("cycle %d: no worker has started", cycle)
		}
		l.Set(t, 0, 0)
		deadline := time.Now().Add(cluster.ConnectTimeout)
		for ; len(cluster.WorkersOf(m)) > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("cycle %d: workers are left: %v", cycle, cluster.WorkersOf(m))
			}
		}
		if cycle == 2 {
			before = cluster.Descriptors(m.PID()) + cluster.Descriptors(cluster.HostOf(m))
		}
	}
	t.Logf("%d cycles in %.0f s", cycles, time.Since(begun).Seconds())
	if now := cluster.Descriptors(m.PID()) + cluster.Descriptors(cluster.HostOf(m)); now > before+4 {
		t.Errorf("%d descriptors are open, there were %d after the first cycles", now, before)
	}
	for deadline := time.Now().Add(oldZombie); len(cluster.ZombiesOf(m)) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("zombies %v later: %v", oldZombie, cluster.ZombiesOf(m))
			break
		}
	}
	if h, ok := l.Finish(t); !ok || h.Lost() > 0 {
		t.Errorf("lost tasks: %+v", h)
	}
	if twice, _ := cluster.Repeats(l.Executions(t), nil); twice > 0 {
		t.Errorf("%d tasks ran twice", twice)
	}
	m.End(t, syscall.SIGTERM)
}

// Two hundred workers start at once, are all at work at the same time, and stop cleanly.
func TestFaultCrowd(t *testing.T) {
	t.Parallel()
	const workers = 200
	c := cluster.StartWithoutMonitor(t, "2.9.0", "127.0.0.1")
	begun := time.Now()
	m := c.StartManager(t, "manager", cluster.Fixed("200", "--stop-timeout-seconds", "20"))
	l := c.StartLoad(t, "first", 3*workers, 8, 2*cluster.ConnectTimeout)
	took, ok := l.AwaitConcurrent(t, begun, workers, 2*cluster.ConnectTimeout)
	if !ok {
		t.Fatalf("%d workers have not been at work at the same time", workers)
	}
	t.Logf("%d workers at work after %.1f s", workers, took.Seconds())
	if h, ok := l.Finish(t); !ok || h.Lost() > 0 {
		t.Errorf("lost tasks: %+v", h)
	}
	begun = time.Now()
	m.End(t, syscall.SIGTERM)
	t.Logf("ended in %.1f s", time.Since(begun).Seconds())
}
