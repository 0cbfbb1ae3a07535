package agents

import (
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// When a running task is cancelled, its worker takes the next one at once, whatever the old processor does on SIGTERM.
func TestAgentCancel(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native"))
		w := c.StartTasker(t)
		worker := cluster.ParentOf(t, w.PID(t, "first"))
		for _, victim := range []struct {
			task      string
			arguments []any
		}{{"sleep", []any{600}}, {"deaf", nil}, {"loop", nil}} {
			w.Submit(t, victim.task, victim.task, victim.arguments...)
			processor := w.Running(t, victim.task)
			begun := time.Now()
			w.Cancel(t, victim.task)
			// The scheduler receives the cancel before the task.
			next := "after " + victim.task
			w.Submit(t, next, "sleep", 0)
			pid := w.Value(t, next)
			cluster.CheckWithin(t, "the next task after one that does "+victim.task, w.Known[next].At().Sub(begun),
				1500*time.Millisecond)
			if pid == processor {
				t.Errorf("the next task ran in process %d, like the cancelled one", pid)
			}
			if cluster.ParentOf(t, pid) != worker {
				t.Errorf("the next task ran on another worker")
			}
			cluster.AwaitEnd(t, "the processor of a cancelled task", processor, 6*time.Second)
			if o := w.Await(t, victim.task); o.Error != "CancelledError" {
				t.Errorf("the cancelled task ended with %q (%s)", o.Error, o.Message)
			}
			w.CheckOnce(t, victim.task)
		}
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.EachFarewell...)
}

// A suspended task that is cancelled does not run again, and its processor is not resumed; the inner task goes on.
func TestAgentCancelSuspended(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native"))
		w := c.StartTasker(t)
		worker := cluster.ParentOf(t, w.PID(t, "first"))
		w.Submit(t, "outer", "outer", c.Address, 600)
		parent := w.Running(t, "outer")
		child := w.Running(t, "outer.inner")
		w.Cancel(t, "outer")
		cluster.AwaitEnd(t, "the suspended processor of a cancelled task", parent, 2*time.Second)
		if o := w.Await(t, "outer"); o.Error != "CancelledError" {
			t.Errorf("the cancelled task ended with %q (%s)", o.Error, o.Message)
		}
		// Its client is gone with it. The scheduler may notice and cancel the inner task, or never.
		if cluster.Alive(child) {
			if err := syscall.Kill(child, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		pid := w.PID(t, "next")
		if cluster.ParentOf(t, pid) != worker {
			t.Errorf("the next task ran on another worker")
		}
		w.CheckOnce(t, "outer", "outer.inner")
		w.Leave(t)
		m.RemoveClients(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.EachFarewell...)
}
