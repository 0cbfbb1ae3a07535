package workers

import (
	"regexp"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

var (
	drains     = regexp.MustCompile(`received SIGTERM, draining for up to`)
	timeIsOver = regexp.MustCompile(`still has tasks after 1s: stopping it`)
)

// sameRequest is longer than the time in which a second signal counts as a repetition of the first.
const sameRequest = 300 * time.Millisecond

// terminate sends SIGTERM and waits until the manager drains.
func terminate(t *testing.T, m *cluster.Manager) {
	t.Helper()
	m.Signal(syscall.SIGTERM)
	if _, ok := m.Output.Wait(drains, 0, cluster.ConnectTimeout); !ok {
		t.Fatalf("%s does not drain", m.Name)
	}
}

// awaitEnd waits until a draining manager has ended. It must end with status 0 and leave nothing.
func awaitEnd(t *testing.T, m *cluster.Manager, limit time.Duration) {
	t.Helper()
	status, ok := m.Wait(limit)
	if !ok {
		t.Fatalf("%s does not end within %v; alive: %+v", m.Name, limit, m.Mark.Processes(m.Name))
	}
	if status != 0 {
		t.Errorf("%s ended with status %d, want 0", m.Name, status)
	}
	cluster.CheckNothingLeft(t, m.Mark, m.Name, nil)
}

// checkOnce fails the test unless all tasks of a load have ended, and each has run once.
func checkOnce(t *testing.T, l *cluster.Load, least int) {
	t.Helper()
	if h, ok := l.Finish(t); !ok || h.Submitted < least || h.Lost() != 0 {
		t.Errorf("want the results of %d tasks at least: %+v", least, h)
	}
	if twice, _ := cluster.Repeats(l.Executions(t), nil); twice > 0 {
		t.Errorf("%d tasks ran again", twice)
	}
}

// awaitBegun waits until count tasks have begun, and stops the load from submitting more.
func awaitBegun(t *testing.T, l *cluster.Load, count int) {
	t.Helper()
	deadline := time.Now().Add(cluster.ConnectTimeout)
	for ; len(l.Executions(t)) < count; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d tasks have begun", len(l.Executions(t)), count)
		}
	}
	l.Set(t, -1, 0)
}

// SIGTERM comes while there are more tasks than workers: the running ones finish, and the next manager runs the others.
func TestDrainOnTerminate(t *testing.T) {
	const tasks, workers = 30, 16
	t.Run("fixed", func(t *testing.T) {
		cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
			c := cluster.New(t, r, cluster.Layout{})
			m := c.StartManager(t, "drained", cluster.Fixed("16", "--drain-on-terminate", "60"))
			c.Monitor.WaitWorkers(t, "16 workers", workers)
			l := c.StartLoad(t, "long", 0, 0, time.Minute)
			l.SetLonger(t, tasks, 3, 0.03)
			awaitBegun(t, l, workers)
			terminate(t, m)
			next := c.StartManager(t, "next", cluster.Fixed("16"))
			begun := time.Now()
			awaitEnd(t, m, 20*time.Second)
			cluster.CheckWithin(t, "the drain of tasks that take 3 to 4 s", time.Since(begun), 10*time.Second)
			checkOnce(t, l, tasks)
			next.End(t, syscall.SIGTERM)
		}, cluster.EachGeneration...)
	})
	t.Run("dynamic", func(t *testing.T) {
		cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
			c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
			m := c.StartManager(t, "drained", cluster.Dynamic("3", "--drain-on-terminate", "60"))
			l := c.StartLoad(t, "long", 0, 0, time.Minute)
			l.SetLonger(t, tasks+4, 1, 0.03)
			awaitBegun(t, l, 3)
			terminate(t, m)
			next := c.StartManager(t, "next", cluster.Dynamic("8"))
			awaitEnd(t, m, 20*time.Second)
			checkOnce(t, l, tasks+4)
			next.End(t, syscall.SIGTERM)
		}, cluster.EachGeneration...)
	})
	t.Run("Scaler's agents", func(t *testing.T) {
		cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
			c := cluster.New(t, r, cluster.Layout{})
			m := c.StartManager(t, "drained", cluster.Fixed("3", "--drain-on-terminate", "60", "--worker-agent", "scaler"))
			c.Monitor.WaitWorkers(t, "3 workers", 3)
			l := c.StartLoad(t, "long", 0, 0, time.Minute)
			l.SetLonger(t, 8, 1, 0.1)
			awaitBegun(t, l, 2)
			terminate(t, m)
			next := c.StartManager(t, "next", cluster.Fixed("1"))
			awaitEnd(t, m, 40*time.Second)
			checkOnce(t, l, 8)
			next.End(t, syscall.SIGTERM)
		}, cluster.EachGeneration...)
	})
}

// A second signal cuts the drain short, and so does the deadline. The tasks then run elsewhere.
func TestDrainIsShortened(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		for _, test := range []struct{ name, seconds string }{{"a second signal", "600"}, {"the deadline", "1"}} {
			t.Run(test.name, func(t *testing.T) {
				m := c.StartManager(t, "drained"+test.seconds, cluster.Fixed("2", "--drain-on-terminate", test.seconds))
				w := c.StartTasker(t)
				long := "long" + test.seconds
				w.Submit(t, long, "sleep", 20)
				w.Running(t, long)
				terminate(t, m)
				begun := time.Now()
				if test.seconds == "1" {
					if _, ok := m.Output.Wait(timeIsOver, 0, cluster.ConnectTimeout); !ok {
						t.Error("the log does not say that the time is up")
					}
				} else {
					time.Sleep(sameRequest)
					m.Signal(syscall.SIGINT)
				}
				awaitEnd(t, m, cluster.StopTimeout)
				cluster.CheckWithin(t, "the end", time.Since(begun), 10*time.Second)
				next := c.StartManager(t, "next"+test.seconds, cluster.Fixed("1"))
				for deadline := time.Now().Add(cluster.ClientTimeout); len(w.Runs(long)) < 2; time.Sleep(10 * time.Millisecond) {
					if time.Now().After(deadline) {
						t.Fatal("the task has not run again")
					}
				}
				w.Cancel(t, long)
				w.Await(t, long)
				next.End(t, syscall.SIGTERM)
				w.Leave(t)
			})
		}
	}, cluster.EachGeneration...)
}

// A task that waits for a task of its own finishes, wherever the inner one runs, and whether it was submitted before or
// during the drain.
func TestDrainOfNestedTasks(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		for _, workers := range []string{"1", "3"} {
			t.Run(workers, func(t *testing.T) {
				m := c.StartManager(t, "drained"+workers, cluster.Fixed(workers, "--drain-on-terminate", "60"))
				w := c.StartTasker(t)
				early, late, left := "early"+workers, "late"+workers, "left"+workers
				w.Submit(t, early, "outer", c.Address, 2)
				w.Running(t, early+".inner")
				if workers == "3" {
					w.Submit(t, late, "later", c.Address, 1)
					w.Running(t, late)
				}
				w.Submit(t, left, "sleep", 0.1)
				terminate(t, m)
				if o := w.Await(t, early); o.Error != "" {
					t.Errorf("the nested task failed: %+v", o)
				}
				if workers == "3" {
					w.Value(t, late)
					w.CheckOnce(t, late, late+".inner")
				}
				awaitEnd(t, m, cluster.StopTimeout)
				if pids := w.Runs(left); len(pids) > 0 {
					t.Error("a queued task has begun")
				}
				next := c.StartManager(t, "next"+workers, cluster.Fixed("1"))
				w.Value(t, left)
				w.CheckOnce(t, early, early+".inner", left)
				next.End(t, syscall.SIGTERM)
				w.Leave(t)
			})
		}
	}, cluster.EachGeneration...)
}
