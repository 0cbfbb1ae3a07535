package integration

import (
	"syscall"
	"testing"
	"time"
)

// Workers come and go as fast as the scheduler wants, again and again, and leave nothing: no process, no zombie, no
// descriptor.
func TestFaultCycles(t *testing.T) {
	t.Parallel()
	cycles := 8
	if allFaults() {
		cycles = 500
	}
	c := startFaultCluster(t, "2.9.0", "127.0.0.1")
	m := c.startManager(t, "manager", dynamic("3", "--scale-down-cooldown-seconds", "0", "--heartbeat-interval-seconds", "1"))
	l := c.startLoad(t, "first", 0, 0, 25*time.Second)
	var before int
	begun := time.Now()
	for cycle := range cycles {
		since := time.Now()
		l.set(t, 30, 0.02)
		if _, ok := l.awaitConcurrent(t, since, 1, connectTimeout); !ok {
			t.Fatalf("cycle %d: no worker has come", cycle)
		}
		l.set(t, 0, 0)
		for deadline := time.Now().Add(connectTimeout); len(workersOf(m)) > 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("cycle %d: workers are left: %v", cycle, workersOf(m))
			}
		}
		if cycle == 2 {
			before = descriptors(m.pid()) + descriptors(hostOf(m))
		}
	}
	t.Logf("%d cycles in %.0f s", cycles, time.Since(begun).Seconds())
	if now := descriptors(m.pid()) + descriptors(hostOf(m)); now > before+4 {
		t.Errorf("%d descriptors are open, there were %d after the first cycles", now, before)
	}
	for deadline := time.Now().Add(oldZombie); len(zombiesOf(m)) > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("zombies %v later: %v", oldZombie, zombiesOf(m))
			break
		}
	}
	if h, ok := l.finish(t); !ok || h.lost() > 0 {
		t.Errorf("lost tasks: %+v", h)
	}
	if twice, _ := repeats(l.executions(t), nil, begun); twice > 0 {
		t.Errorf("%d tasks were executed twice", twice)
	}
	m.end(t, syscall.SIGTERM)
}

// Two hundred workers at once: all at work at a time, and stopped cleanly.
func TestFaultCrowd(t *testing.T) {
	t.Parallel()
	const workers = 200
	c := startFaultCluster(t, "2.9.0", "127.0.0.1")
	begun := time.Now()
	m := c.startManager(t, "manager", fixed("200", "--stop-timeout-seconds", "20"))
	l := c.startLoad(t, "first", 3*workers, 8, 2*connectTimeout)
	took, ok := l.awaitConcurrent(t, begun, workers, 2*connectTimeout)
	if !ok {
		t.Fatalf("%d workers have not been at work at a time", workers)
	}
	t.Logf("%d workers at work after %.1f s", workers, took.Seconds())
	if h, ok := l.finish(t); !ok || h.lost() > 0 {
		t.Errorf("lost tasks: %+v", h)
	}
	begun = time.Now()
	m.end(t, syscall.SIGTERM)
	t.Logf("ended in %.1f s", time.Since(begun).Seconds())
}

// hostOf returns the worker host of our manager, 0 if there is none: its child that is not the resource tracker.
func hostOf(m *manager) int {
	for _, child := range children(m.pid()) {
		if s, ok := readStat(child); ok && s.state != "Z" && s.group == child {
			return child
		}
	}
	return 0
}

// workersOf returns the workers: children of the host that lead groups of their own.
func workersOf(m *manager) (list []int) {
	for _, child := range children(hostOf(m)) {
		if s, ok := readStat(child); ok && s.state != "Z" && s.group == child {
			list = append(list, child)
		}
	}
	return list
}

// zombiesOf returns the dead children of the manager and of its host that nobody waits for.
func zombiesOf(m *manager) (list []int) {
	for _, child := range append(children(m.pid()), children(hostOf(m))...) {
		if s, ok := readStat(child); ok && s.state == "Z" {
			list = append(list, child)
		}
	}
	return list
}
