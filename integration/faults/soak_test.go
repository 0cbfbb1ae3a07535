package faults

import (
	"math/rand"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// soakTime is SCALER_SOAK ("10m"), or a little.
func soakTime(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("SCALER_SOAK")
	if text == "" {
		return 30 * time.Second
	}
	limit, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("SCALER_SOAK: %v", err)
	}
	return limit
}

// oldZombie is how long a zombie may remain: a processor's worker looks every second or two.
const oldZombie = 5 * time.Second

// Under rising and falling loads and random faults for a long time, every task returns its right result, memory and
// descriptors of manager and host do not grow, and no zombie remains.
func TestFaultSoak(t *testing.T) {
	t.Parallel()
	limit := soakTime(t)
	seed := time.Now().UnixNano()
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewSource(seed))
	c := cluster.StartWithoutMonitor(t, "2.9.0", "127.0.0.1", "--worker-timeout-seconds", schedulerPatience)
	m := c.StartManager(t, "manager", cluster.Dynamic("4", "--scale-down-cooldown-seconds", "0",
		"--heartbeat-interval-seconds", "1"))
	l := c.StartLoad(t, "first", 60, 0.05, 60*time.Second)
	if _, ok := l.AwaitConcurrent(t, time.Now(), 3, cluster.ConnectTimeout); !ok {
		t.Fatal("the workers are not at work")
	}

	var manager, host usage
	dead := map[int]time.Time{} // zombies, by when they were first seen
	faults := map[string]int{}
	begun := time.Now()
	nextFault, nextLoad := begun.Add(time.Second), begun.Add(3*time.Second)
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for now := range ticker.C {
		elapsed := now.Sub(begun)
		if elapsed > limit || !m.Running() {
			break
		}
		if now.After(nextLoad) {
			l.Set(t, []int{0, 5, 30, 60}[random.Intn(4)], random.Float64()*0.2)
			nextLoad = now.Add(time.Second + time.Duration(random.Intn(4000))*time.Millisecond)
		}
		if now.After(nextFault) {
			// A new host starts small: so that memory can be compared, hosts are killed only in the first third.
			faults[strike(m, random, elapsed < limit/3)]++
			nextFault = now.Add(time.Second + time.Duration(random.Intn(3000))*time.Millisecond)
		}
		if elapsed > limit/3 {
			manager.note(m.PID())
			host.note(cluster.HostOf(m))
		}
		checkZombies(t, m, dead, now)
	}
	if !m.Running() {
		t.Fatal("the manager has ended")
	}
	h, ok := l.Finish(t)
	if !ok || h.Lost() > 0 {
		t.Errorf("lost tasks: %+v", h)
	}
	t.Logf("%d tasks, faults: %v, manager %s, host %s", h.Submitted, faults, manager, host)
	manager.checkFlat(t, "the manager")
	host.checkFlat(t, "the worker host")
	m.End(t, syscall.SIGTERM)
}

// strike does something random and returns what.
func strike(m *cluster.Manager, random *rand.Rand, hosts bool) string {
	workers := cluster.WorkersOf(m)
	choice := random.Intn(10)
	switch {
	case choice == 0 && hosts:
		_ = syscall.Kill(cluster.HostOf(m), syscall.SIGKILL)
		return "host SIGKILL"
	case len(workers) == 0:
		return "nothing"
	}
	worker := workers[random.Intn(len(workers))]
	signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGSEGV, syscall.SIGTERM, syscall.SIGSTOP}[choice%4]
	_ = syscall.Kill(worker, signal)
	if signal == syscall.SIGSTOP { // for a moment
		time.AfterFunc(time.Second, func() { _ = syscall.Kill(worker, syscall.SIGCONT) })
	}
	return "worker " + signal.String()
}

func checkZombies(t *testing.T, m *cluster.Manager, dead map[int]time.Time, now time.Time) {
	t.Helper()
	zombies := cluster.ZombiesOf(m)
	for pid, since := range dead {
		if !slices.Contains(zombies, pid) {
			delete(dead, pid)
		} else if now.Sub(since) > oldZombie {
			t.Errorf("process %d has been a zombie for %v", pid, now.Sub(since))
			dead[pid] = now
		}
	}
	for _, pid := range zombies {
		if _, known := dead[pid]; !known {
			dead[pid] = now
		}
	}
}
