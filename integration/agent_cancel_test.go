package integration

import (
	"syscall"
	"testing"
	"time"
)

// The worker of a running task that is cancelled has the next one at once, whatever the old processor does about SIGTERM.
func TestAgentCancel(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native"))
		w := c.startTasker(t)
		worker := parentOf(t, w.pid(t, "first"))
		for _, victim := range []struct {
			task      string
			arguments []any
		}{{"sleep", []any{600}}, {"deaf", nil}, {"loop", nil}} {
			w.submit(t, victim.task, victim.task, victim.arguments...)
			processor := w.running(t, victim.task)
			begun := time.Now()
			w.cancel(t, victim.task)
			// The scheduler takes the cancel and the task in this order.
			next := "after " + victim.task
			w.submit(t, next, "sleep", 0)
			pid := w.value(t, next)
			checkWithin(t, "the next task after one that does "+victim.task, w.known[next].at().Sub(begun), 1500*time.Millisecond)
			if pid == processor {
				t.Errorf("the next task ran in process %d, as the cancelled one", pid)
			}
			if parentOf(t, pid) != worker {
				t.Errorf("the next task ran on another worker")
			}
			awaitEnd(t, "the processor of a cancelled task", processor, 6*time.Second)
			if o := w.await(t, victim.task); o.Error != "CancelledError" {
				t.Errorf("the cancelled task ended with %q (%s)", o.Error, o.Message)
			}
			w.checkOnce(t, victim.task)
		}
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, agentReleases...)
}

// A suspended task that is cancelled is not run again, nor is its processor resumed; what made it wait goes on.
func TestAgentCancelSuspended(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native"))
		w := c.startTasker(t)
		worker := parentOf(t, w.pid(t, "first"))
		w.submit(t, "outer", "outer", c.address, 600)
		parent := w.running(t, "outer")
		child := w.running(t, "outer.inner")
		w.cancel(t, "outer")
		awaitEnd(t, "the suspended processor of a cancelled task", parent, 2*time.Second)
		if o := w.await(t, "outer"); o.Error != "CancelledError" {
			t.Errorf("the cancelled task ended with %q (%s)", o.Error, o.Message)
		}
		// Its own client is gone with it, which is the end of its task too once the scheduler knows, or never.
		if alive(child) {
			if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		pid := w.pid(t, "next")
		if parentOf(t, pid) != worker {
			t.Errorf("the next task ran on another worker")
		}
		w.checkOnce(t, "outer", "outer.inner")
		w.leave(t)
		m.removeClients(t)
		m.end(t, syscall.SIGTERM)
	}, agentReleases...)
}
