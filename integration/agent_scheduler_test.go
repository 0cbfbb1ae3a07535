package integration

import (
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"
)

// A scheduler that is restarted has the same workers again, by themselves and with the same processors.
func TestAgentScheduler(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := reserveCluster(t, r, layout{host: "127.0.0.1", policy: policyVanilla})
		if !r.ownStorage() {
			c.startFaultStorage(t)
		}
		c.startScheduler(t)
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native", "--heartbeat-interval-seconds", "1"))
		w := c.startTasker(t)
		processor := w.pid(t, "first")
		worker := parentOf(t, processor)
		w.leave(t)

		c.scheduler.kill()
		c.startScheduler(t)
		w = c.startTasker(t)
		begun := time.Now()
		pid := w.pid(t, "second")
		checkWithin(t, "a task of another scheduler", time.Since(begun), 10*time.Second)
		if pid != processor || parentOf(t, pid) != worker {
			t.Errorf("the other scheduler's task ran in process %d of worker %d, want %d of %d", pid, parentOf(t, pid), processor, worker)
		}

		w.submit(t, "long", "sleep", 600)
		old := w.running(t, "long")
		w.kill()
		c.scheduler.kill()
		c.startScheduler(t)
		w = c.startTasker(t)
		w.submit(t, "third", "sleep", 0)
		if r.number() >= 2003 { // with YMQ
			if pid := w.value(t, "third"); pid == old || parentOf(t, pid) != worker {
				t.Errorf("the third scheduler's task ran in process %d of worker %d", pid, parentOf(t, pid))
			}
			awaitEnd(t, "the processor of a dropped task", old, 6*time.Second)
		}
		w.kill()
		m.removeClients(t)
		m.end(t, syscall.SIGTERM)
	}, "2.6.0", "2.9.0") // with 1.26.6 the storage ends with the scheduler
}

// Signals to a worker's process end it as Scaler's own, and it alone.
func TestAgentSignals(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("3", "--worker-agent", "native"))
		c.monitor.waitWorkers(t, "3 workers", 3)
		m.awaitKnown(t)
		w := c.startTasker(t)
		workers := workersOf(m)
		if len(workers) != 3 {
			t.Fatalf("the workers are %v, want 3", workers)
		}
		for left, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
			name := signal.String()
			w.submit(t, name, "sleep", 5)
			processor := w.running(t, name)
			worker := parentOf(t, processor)
			if !slices.Contains(workers, worker) {
				t.Fatalf("process %d is none of the workers %v", worker, workers)
			}
			begun := time.Now()
			if err := syscall.Kill(worker, signal); err != nil {
				t.Fatal(err)
			}
			for len(w.runs(name)) < 2 {
				if time.Since(begun) > 10*time.Second {
					t.Fatalf("the task of a worker that got %v is not run again", signal)
				}
				time.Sleep(10 * time.Millisecond)
			}
			checkWithin(t, "the task is run again after "+name, time.Since(begun), 2*time.Second)
			c.monitor.waitWorkers(t, "one worker less", 2-left)
			awaitEnd(t, "a worker with "+name, worker, 5*time.Second)
			w.value(t, name)
		}
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, agentReleases...)
}

// Nothing is left of a manager that was killed: its socket goes with the start of the next one.
func TestAgentManagerKilled(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		s := fixed("2", "--worker-agent", "native")
		live := c.startManager(t, "manager", s)
		c.monitor.waitWorkers(t, "2 workers", 2)
		s.environment = []string{"TMPDIR=" + c.mark.temporary(t, "manager")}
		killed := c.startManager(t, "killed", s)
		c.monitor.waitWorkers(t, "4 workers", 4)
		killed.signal(syscall.SIGKILL)
		for _, left := range awaitNone(c.mark, leakGrace, "killed") {
			t.Errorf("left behind: process %d (%s)", left.pid, left.command)
		}
		// The scheduler misses the killed ones only after its own time.
		next := c.startManager(t, "next", s)
		c.monitor.wait(t, "2 more workers", connectTimeout, func(s *state) bool { return len(s.Ever) == 6 })
		sockets, _ := filepath.Glob(filepath.Join(c.mark.temporary(t, "manager"), "scaler_worker_*"))
		if len(sockets) != 2 {
			t.Errorf("the sockets of two managers are %v", sockets)
		}
		next.end(t, syscall.SIGTERM)
		live.end(t, syscall.SIGTERM)
	}, "2.9.0")
}
