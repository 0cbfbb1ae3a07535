package integration

import (
	"regexp"
	"syscall"
	"testing"
	"time"
)

// Schedulers that forget a task when they ask for it back, the last ones that start and stop workers by name, and the
// newest.
var drainReleases = []release{"1.26.6", "2.3.3", "2.9.0"}

var (
	drains     = regexp.MustCompile(`received SIGTERM, draining for up to`)
	timeIsOver = regexp.MustCompile(`still has tasks after 1s: stopping it`)
)

// sameRequest is longer than the time in which a second signal is taken for the first one.
const sameRequest = 300 * time.Millisecond

// terminate has a manager drain.
func (m *manager) terminate(t *testing.T) {
	t.Helper()
	m.signal(syscall.SIGTERM)
	if _, ok := m.output.wait(drains, 0, connectTimeout); !ok {
		t.Fatalf("%s does not drain", m.name)
	}
}

// awaitEnd waits for the end of a manager that drains: with status 0, and nothing left.
func (m *manager) awaitEnd(t *testing.T, limit time.Duration) {
	t.Helper()
	status, ok := m.wait(limit)
	if !ok {
		t.Fatalf("%s does not end within %v; alive: %+v", m.name, limit, m.mark.processes(m.name))
	}
	if status != 0 {
		t.Errorf("%s ended with status %d, want 0", m.name, status)
	}
	checkNothingLeft(t, m.mark, m.name, nil)
}

// checkOnce wants all tasks of a load to come to their ends, each executed once.
func (l *load) checkOnce(t *testing.T, least int) {
	t.Helper()
	if h, ok := l.finish(t); !ok || h.Submitted < least || h.lost() != 0 {
		t.Errorf("of %d tasks: %+v", least, h)
	}
	if twice, _ := repeats(l.executions(t), nil, time.Time{}); twice > 0 {
		t.Errorf("%d tasks were executed again", twice)
	}
}

// awaitBegun waits until so many tasks have begun, and has no more be submitted.
func (l *load) awaitBegun(t *testing.T, count int) {
	t.Helper()
	for deadline := time.Now().Add(connectTimeout); len(l.executions(t)) < count; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d tasks have begun", len(l.executions(t)), count)
		}
	}
	l.set(t, -1, 0)
}

// More tasks than workers, and SIGTERM while the first ones run: these are finished, and the others are run by whoever
// comes next.
func TestDrainOnTerminate(t *testing.T) {
	const tasks, workers = 30, 16
	t.Run("fixed", func(t *testing.T) {
		eachRelease(t, func(t *testing.T, r release) {
			c := newCluster(t, r, layout{})
			m := c.startManager(t, "drained", fixed("16", "--drain-on-terminate", "60"))
			c.monitor.waitWorkers(t, "16 workers", workers)
			l := c.startLoad(t, "long", 0, 0, time.Minute)
			l.setLonger(t, tasks, 3, 0.03)
			l.awaitBegun(t, workers)
			m.terminate(t)
			next := c.startManager(t, "next", fixed("16"))
			begun := time.Now()
			m.awaitEnd(t, 20*time.Second)
			checkWithin(t, "the drain of tasks that take 3 to 4 s", time.Since(begun), 10*time.Second)
			l.checkOnce(t, tasks)
			next.end(t, syscall.SIGTERM)
		}, drainReleases...)
	})
	t.Run("dynamic", func(t *testing.T) {
		eachRelease(t, func(t *testing.T, r release) {
			c := newCluster(t, r, layout{policy: policyVanilla})
			m := c.startManager(t, "drained", dynamic("3", "--drain-on-terminate", "60"))
			l := c.startLoad(t, "long", 0, 0, time.Minute)
			l.setLonger(t, tasks+4, 1, 0.03)
			l.awaitBegun(t, 3)
			m.terminate(t)
			next := c.startManager(t, "next", dynamic("8"))
			m.awaitEnd(t, 20*time.Second)
			l.checkOnce(t, tasks+4)
			next.end(t, syscall.SIGTERM)
		}, drainReleases...)
	})
	t.Run("Scaler's agents", func(t *testing.T) {
		eachRelease(t, func(t *testing.T, r release) {
			c := newCluster(t, r, layout{})
			m := c.startManager(t, "drained", fixed("3", "--drain-on-terminate", "60", "--worker-agent", "scaler"))
			c.monitor.waitWorkers(t, "3 workers", 3)
			l := c.startLoad(t, "long", 0, 0, time.Minute)
			l.setLonger(t, 8, 1, 0.1)
			l.awaitBegun(t, 2)
			m.terminate(t)
			next := c.startManager(t, "next", fixed("1"))
			m.awaitEnd(t, 40*time.Second)
			l.checkOnce(t, 8)
			next.end(t, syscall.SIGTERM)
		}, drainReleases...)
	})
}

// A second signal shortens, and so does the deadline. The tasks are then run elsewhere.
func TestDrainIsShortened(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		for _, test := range []struct{ name, seconds string }{{"a second signal", "600"}, {"the deadline", "1"}} {
			t.Run(test.name, func(t *testing.T) {
				m := c.startManager(t, "drained"+test.seconds, fixed("2", "--drain-on-terminate", test.seconds))
				w := c.startTasker(t)
				long := "long" + test.seconds
				w.submit(t, long, "sleep", 20)
				w.running(t, long)
				m.terminate(t)
				begun := time.Now()
				if test.seconds == "1" {
					if _, ok := m.output.wait(timeIsOver, 0, connectTimeout); !ok {
						t.Error("it was not said that the time is over")
					}
				} else {
					time.Sleep(sameRequest)
					m.signal(syscall.SIGINT)
				}
				m.awaitEnd(t, stopTimeout)
				checkWithin(t, "the end", time.Since(begun), 10*time.Second)
				next := c.startManager(t, "next"+test.seconds, fixed("1"))
				for deadline := time.Now().Add(clientTimeout); len(w.runs(long)) < 2; time.Sleep(10 * time.Millisecond) {
					if time.Now().After(deadline) {
						t.Fatal("the task is not run again")
					}
				}
				w.cancel(t, long)
				w.await(t, long)
				next.end(t, syscall.SIGTERM)
				w.leave(t)
			})
		}
	}, drainReleases...)
}

// A task that waits for one of its own is finished, wherever that one is sent, and whether it was so before the drain or
// comes in the middle of it.
func TestDrainOfNestedTasks(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		for _, workers := range []string{"1", "3"} {
			t.Run(workers, func(t *testing.T) {
				m := c.startManager(t, "drained"+workers, fixed(workers, "--drain-on-terminate", "60"))
				w := c.startTasker(t)
				early, late, left := "early"+workers, "late"+workers, "left"+workers
				w.submit(t, early, "outer", c.address, 2)
				w.running(t, early+".inner")
				if workers == "3" {
					w.submit(t, late, "later", c.address, 1)
					w.running(t, late)
				}
				w.submit(t, left, "sleep", 0.1)
				m.terminate(t)
				if o := w.await(t, early); o.Error != "" {
					t.Errorf("the nested task failed: %+v", o)
				}
				if workers == "3" {
					w.value(t, late)
					w.checkOnce(t, late, late+".inner")
				}
				m.awaitEnd(t, stopTimeout)
				if pids := w.runs(left); len(pids) > 0 {
					t.Error("a task that waited was begun")
				}
				next := c.startManager(t, "next"+workers, fixed("1"))
				w.value(t, left)
				w.checkOnce(t, early, early+".inner", left)
				next.end(t, syscall.SIGTERM)
				w.leave(t)
			})
		}
	}, drainReleases...)
}
