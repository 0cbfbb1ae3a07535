package options

import (
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A worker that does not end is killed after the timeout, not before.
func honourStopTimeout(t *testing.T, c *cluster.Cluster) {
	w := startWitness(t, c, "stop", cluster.Fixed("1", "--stop-timeout-seconds", "2"))
	c.Monitor.WaitWorkers(t, "a worker", 1)
	pid, _ := w.agent(t)
	w.AwaitKnown(t)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	told := time.Now()
	w.End(t, syscall.SIGTERM)
	if took := time.Since(told); took < 1900*time.Millisecond || took > 9*time.Second {
		t.Errorf("a manager with a worker that hangs ended after %v, want a little over 2 s", took)
	}
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// Two long tasks run on two of three workers, and the scheduler's policy wants only one worker. The other busy one may
// finish within the timeout, or is stopped at once with 0.
func honourDrainTimeout(t *testing.T, c *cluster.Cluster) {
	for _, drain := range []struct {
		value string
		again bool
	}{{"300", false}, {"0", true}} {
		folder := c.Mark.Temporary(t, "runs"+drain.value)
		m := c.StartManager(t, "drain"+drain.value, cluster.Dynamic("3", "--drain-timeout-seconds", drain.value,
			"--scale-down-cooldown-seconds", "0", "--heartbeat-interval-seconds", "1"))
		var answer struct{ Runs int }
		c.Ask(t, &answer, "lasting.py", folder, "6")
		if (answer.Runs > 2) != drain.again || answer.Runs < 2 {
			t.Errorf("with --drain-timeout-seconds %s two long tasks ran %d times", drain.value, answer.Runs)
		}
		m.End(t, syscall.SIGTERM)
		c.Monitor.WaitWorkers(t, "no worker", 0)
	}
}

// A stopped worker is killed after the timeout, not before, if it will be replaced; otherwise it is left alone.
func honourUnresponsiveTimeout(t *testing.T, c *cluster.Cluster) {
	const limit = "2"
	w := startWitness(t, c, "missed", cluster.Fixed("1", "--restart", "on-failure", "--unresponsive-timeout-seconds",
		limit))
	alone := startWitness(t, c, "leftalone", cluster.Fixed("1", "--unresponsive-timeout-seconds", limit))
	c.Monitor.WaitWorkers(t, "two workers", 2)
	pid, _ := w.agent(t)
	left, _ := alone.agent(t)
	w.AwaitKnown(t)
	stopped := time.Now()
	for _, pid := range []int{left, pid} {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	w.agents(t, 2)
	if took := time.Since(stopped); took < 2*time.Second || took > 10*time.Second {
		t.Errorf("a stopped worker was replaced after %v, want a little over %s s", took, limit)
	}
	if _, ok := w.Output.Wait(regexp.MustCompile(`has been stopped \(SIGSTOP\)`), 0, cluster.ConnectTimeout); !ok {
		t.Error("the manager does not say why")
	}
	if found, ok := cluster.ReadStat(left); !ok || found.State != "T" {
		t.Errorf("the worker that should be left alone is in state %q", found.State)
	}
	if err := syscall.Kill(left, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	c.CheckAdds(t)
	w.End(t, syscall.SIGTERM)
	alone.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// This is the last part: the scheduler does not come back.
func honourReconnectTimeout(t *testing.T, c *cluster.Cluster) {
	m := c.StartManager(t, "reconnect", cluster.Dynamic("1", "--reconnect-timeout-seconds", "2"))
	w := c.StartManager(t, "watcher", cluster.Fixed("1", "--reconnect-timeout-seconds", "2"))
	c.Monitor.Wait(t, "the manager", cluster.ConnectTimeout,
		func(s *cluster.State) bool { return s.Managers[m.Name] != nil })
	w.AwaitKnown(t)
	c.Scheduler.Kill()
	lost := time.Now()
	for _, m := range []*cluster.Manager{m, w} {
		status, ok := m.Wait(cluster.ConnectTimeout)
		if took := time.Since(lost); !ok || status != 1 || took < 1900*time.Millisecond || took > 30*time.Second {
			t.Errorf("%s, which looks for its scheduler for 2 s, ended with status %d (%t) after %v, want 1", m.Name, status, ok,
				took)
		}
		// Workers may end with a traceback if they were about to reach the storage; that is not the manager's fault.
		if _, ok := m.Output.Wait(regexp.MustCompile(`no scheduler for 2 s`), 0, cluster.ConnectTimeout); !ok {
			t.Errorf("%s does not say why it ends", m.Name)
		}
	}
}
