package integration

import (
	"regexp"
	"syscall"
	"testing"
	"time"
)

// A worker that does not end in its time is killed, and not before.
func (c *cluster) honourStopTimeout(t *testing.T) {
	w := c.startWitness(t, "stop", fixed("1", "--stop-timeout-seconds", "2"))
	c.monitor.waitWorkers(t, "a worker", 1)
	pid, _ := w.agent(t)
	w.awaitKnown(t)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	told := time.Now()
	w.end(t, syscall.SIGTERM)
	if took := time.Since(told); took < 1900*time.Millisecond || took > 9*time.Second {
		t.Errorf("a manager with a worker that hangs ended after %v, want a little over 2 s", took)
	}
	c.monitor.waitWorkers(t, "no worker", 0)
}

// The scheduler's policy wants one of three workers for the two long tasks that run on two of them. The one of these that is
// not wanted has its time, or none.
func (c *cluster) honourDrainTimeout(t *testing.T) {
	for _, drain := range []struct {
		value string
		again bool
	}{{"300", false}, {"0", true}} {
		folder := c.mark.temporary(t, "runs"+drain.value)
		m := c.startManager(t, "drain"+drain.value, dynamic("3", "--drain-timeout-seconds", drain.value,
			"--scale-down-cooldown-seconds", "0", "--heartbeat-interval-seconds", "1"))
		var answer struct{ Runs int }
		c.ask(t, &answer, "lasting.py", folder, "6")
		if (answer.Runs > 2) != drain.again || answer.Runs < 2 {
			t.Errorf("with --drain-timeout-seconds %s two long tasks were run %d times", drain.value, answer.Runs)
		}
		m.end(t, syscall.SIGTERM)
		c.monitor.waitWorkers(t, "no worker", 0)
	}
}

// A worker that is stopped is killed after its time, and not before, where there is another one for it; else it is
// left alone.
func (c *cluster) honourUnresponsiveTimeout(t *testing.T) {
	const limit = "2"
	w := c.startWitness(t, "missed", fixed("1", "--restart", "on-failure", "--unresponsive-timeout-seconds", limit))
	alone := c.startWitness(t, "leftalone", fixed("1", "--unresponsive-timeout-seconds", limit))
	c.monitor.waitWorkers(t, "two workers", 2)
	pid, _ := w.agent(t)
	left, _ := alone.agent(t)
	w.awaitKnown(t)
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
	if _, ok := w.output.wait(regexp.MustCompile(`has been stopped \(SIGSTOP\)`), 0, connectTimeout); !ok {
		t.Error("the manager does not say why")
	}
	if found, ok := readStat(left); !ok || found.state != "T" {
		t.Errorf("the worker that was to be left alone is in state %q", found.state)
	}
	if err := syscall.Kill(left, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	c.checkAdds(t)
	w.end(t, syscall.SIGTERM)
	alone.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// This is the last part: the scheduler does not come back.
func (c *cluster) honourReconnectTimeout(t *testing.T) {
	m := c.startManager(t, "reconnect", dynamic("1", "--reconnect-timeout-seconds", "2"))
	w := c.startManager(t, "watcher", fixed("1", "--reconnect-timeout-seconds", "2"))
	c.monitor.wait(t, "the manager", connectTimeout, func(s *state) bool { return s.Managers[m.name] != nil })
	w.awaitKnown(t)
	c.scheduler.kill()
	lost := time.Now()
	for _, m := range []*manager{m, w} {
		status, ok := m.wait(connectTimeout)
		if took := time.Since(lost); !ok || status != 1 || took < 1900*time.Millisecond || took > 30*time.Second {
			t.Errorf("%s, which looks for its scheduler for 2 s, ended with status %d (%t) after %v, want 1", m.name, status, ok, took)
		}
		// Of its workers' last words (a traceback, if it was about to reach the storage) the manager is innocent.
		if _, ok := m.output.wait(regexp.MustCompile(`no scheduler for 2 s`), 0, connectTimeout); !ok {
			t.Errorf("%s does not say why it ends", m.name)
		}
	}
}
