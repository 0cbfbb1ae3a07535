package agents

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

const errorOfDeath = "ProcessorDiedError"

// The death of a processor fails its task at once, and nothing else.
func TestAgentDeath(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native"))
		w := c.StartTasker(t)
		idle := w.PID(t, "first")
		worker := cluster.ParentOf(t, idle)

		// An idle processor.
		cluster.Kill(t, idle)
		begun := time.Now()
		if pid := w.PID(t, "after idle"); pid == idle || cluster.ParentOf(t, pid) != worker {
			t.Errorf("the next task ran in process %d of another worker", pid)
		}
		cluster.CheckWithin(t, "the next task after an idle processor's death", time.Since(begun), 1500*time.Millisecond)

		// A processor with a task.
		w.Submit(t, "doomed", "sleep", 600)
		victim := w.Running(t, "doomed")
		w.Submit(t, "queued", "sleep", 0)
		begun = time.Now()
		cluster.Kill(t, victim)
		if o := w.Await(t, "doomed"); o.Error != errorOfDeath || r.Number() >= 2009 &&
			!strings.Contains(o.Message, "SIGKILL") {
			t.Errorf("the task ended with %q: %s", o.Error, o.Message)
		}
		cluster.CheckWithin(t, "the error of a processor's death", w.Known["doomed"].At().Sub(begun), time.Second)
		if pid := w.Value(t, "queued"); cluster.ParentOf(t, pid) != worker {
			t.Errorf("the next task ran on another worker")
		}
		cluster.CheckWithin(t, "the next task after a processor's death", w.Known["queued"].At().Sub(begun),
			1500*time.Millisecond)

		// A suspended processor. Its death destroys Scaler's own agent up to 2.6.0 (upstream issue 921).
		w.Submit(t, "outer", "outer", c.Address, 3)
		victim = w.Running(t, "outer")
		child := w.Running(t, "outer.inner")
		begun = time.Now()
		cluster.Kill(t, victim)
		if o := w.Await(t, "outer"); o.Error != errorOfDeath {
			t.Errorf("the suspended task ended with %q: %s", o.Error, o.Message)
		}
		cluster.CheckWithin(t, "the error of a suspended processor's death", w.Known["outer"].At().Sub(begun), time.Second)
		if pid := w.PID(t, "after suspended"); pid != child && cluster.ParentOf(t, pid) != worker {
			t.Errorf("the next task ran on another worker")
		}
		w.CheckOnce(t, "doomed", "outer", "outer.inner", "queued")
		c.Monitor.Drain()
		if len(c.Monitor.State.Ever) != 1 {
			t.Errorf("%d workers have connected, want 1", len(c.Monitor.State.Ever))
		}
		w.Leave(t)
		m.RemoveClients(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.EachFarewell...)
}
