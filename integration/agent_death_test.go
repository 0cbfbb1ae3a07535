package integration

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

const errorOfDeath = "ProcessorDiedError"

// What a processor's death costs: its task, at once, and nothing else.
func TestAgentDeath(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native"))
		w := c.startTasker(t)
		idle := w.pid(t, "first")
		worker := parentOf(t, idle)

		// An idle one's costs nothing.
		kill(t, idle)
		begun := time.Now()
		if pid := w.pid(t, "after idle"); pid == idle || parentOf(t, pid) != worker {
			t.Errorf("the next task ran in process %d of another worker", pid)
		}
		checkWithin(t, "the next task after an idle processor's death", time.Since(begun), 1500*time.Millisecond)

		// One with a task.
		w.submit(t, "doomed", "sleep", 600)
		victim := w.running(t, "doomed")
		w.submit(t, "queued", "sleep", 0)
		begun = time.Now()
		kill(t, victim)
		if o := w.await(t, "doomed"); o.Error != errorOfDeath || r.number() >= 2009 && !strings.Contains(o.Message, "SIGKILL") {
			t.Errorf("the task ended with %q: %s", o.Error, o.Message)
		}
		checkWithin(t, "the error of a processor's death", w.known["doomed"].at().Sub(begun), time.Second)
		if pid := w.value(t, "queued"); parentOf(t, pid) != worker {
			t.Errorf("the next task ran on another worker")
		}
		checkWithin(t, "the next task after a processor's death", w.known["queued"].at().Sub(begun), 1500*time.Millisecond)

		// A suspended one's, which destroys Scaler's own agent up to 2.6.0 (upstream issue 921).
		w.submit(t, "outer", "outer", c.address, 3)
		victim = w.running(t, "outer")
		child := w.running(t, "outer.inner")
		begun = time.Now()
		kill(t, victim)
		if o := w.await(t, "outer"); o.Error != errorOfDeath {
			t.Errorf("the suspended task ended with %q: %s", o.Error, o.Message)
		}
		checkWithin(t, "the error of a suspended processor's death", w.known["outer"].at().Sub(begun), time.Second)
		if pid := w.pid(t, "after suspended"); pid != child && parentOf(t, pid) != worker {
			t.Errorf("the next task ran on another worker")
		}
		w.checkOnce(t, "doomed", "outer", "outer.inner", "queued")
		c.monitor.drain()
		if len(c.monitor.state.Ever) != 1 {
			t.Errorf("there were %d workers, want one", len(c.monitor.state.Ever))
		}
		w.leave(t)
		m.removeClients(t)
		m.end(t, syscall.SIGTERM)
	}, agentReleases...)
}
