package agents

import (
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// The same workers, with the same processors, connect again to a restarted scheduler by themselves.
func TestAgentScheduler(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.Reserve(t, r, cluster.Layout{Host: "127.0.0.1", Policy: cluster.PolicyVanilla})
		if !r.OwnStorage() {
			c.StartStorage(t)
		}
		c.StartScheduler(t)
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--heartbeat-interval-seconds", "1"))
		w := c.StartTasker(t)
		processor := w.PID(t, "first")
		worker := cluster.ParentOf(t, processor)
		w.Leave(t)

		c.Scheduler.Kill()
		c.StartScheduler(t)
		w = c.StartTasker(t)
		begun := time.Now()
		pid := w.PID(t, "second")
		cluster.CheckWithin(t, "a task of another scheduler", time.Since(begun), 10*time.Second)
		if pid != processor || cluster.ParentOf(t, pid) != worker {
			t.Errorf("the other scheduler's task ran in process %d of worker %d, want %d of %d", pid, cluster.ParentOf(t, pid),
				processor, worker)
		}

		w.Submit(t, "long", "sleep", 600)
		old := w.Running(t, "long")
		w.Kill()
		c.Scheduler.Kill()
		c.StartScheduler(t)
		w = c.StartTasker(t)
		w.Submit(t, "third", "sleep", 0)
		if r.Number() >= 2003 { // with YMQ
			if pid := w.Value(t, "third"); pid == old || cluster.ParentOf(t, pid) != worker {
				t.Errorf("the third scheduler's task ran in process %d of worker %d", pid, cluster.ParentOf(t, pid))
			}
			cluster.AwaitEnd(t, "the processor of a dropped task", old, 6*time.Second)
		}
		w.Kill()
		m.RemoveClients(t)
		m.End(t, syscall.SIGTERM)
	}, "2.6.0", "2.9.0") // with 1.26.6 the storage ends with the scheduler
}

// Signals to a worker's process end that worker alone, as with Scaler's own.
func TestAgentSignals(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("3", "--worker-agent", "native"))
		c.Monitor.WaitWorkers(t, "3 workers", 3)
		m.AwaitKnown(t)
		w := c.StartTasker(t)
		workers := cluster.WorkersOf(m)
		if len(workers) != 3 {
			t.Fatalf("found workers %v, want 3", workers)
		}
		for left, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT} {
			name := signal.String()
			w.Submit(t, name, "sleep", 5)
			processor := w.Running(t, name)
			worker := cluster.ParentOf(t, processor)
			if !slices.Contains(workers, worker) {
				t.Fatalf("process %d is not one of the workers %v", worker, workers)
			}
			begun := time.Now()
			if err := syscall.Kill(worker, signal); err != nil {
				t.Fatal(err)
			}
			for len(w.Runs(name)) < 2 {
				if time.Since(begun) > 10*time.Second {
					t.Fatalf("the task of a worker that got %v has not run again", signal)
				}
				time.Sleep(10 * time.Millisecond)
			}
			cluster.CheckWithin(t, "the task is run again after "+name, time.Since(begun), 2*time.Second)
			c.Monitor.WaitWorkers(t, "one worker less", 2-left)
			cluster.AwaitEnd(t, "a worker with "+name, worker, 5*time.Second)
			w.Value(t, name)
		}
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.EachFarewell...)
}

// A killed manager leaves nothing: the next one removes its socket.
func TestAgentManagerKilled(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		s := cluster.Fixed("2", "--worker-agent", "native")
		live := c.StartManager(t, "manager", s)
		c.Monitor.WaitWorkers(t, "2 workers", 2)
		s.Environment = []string{"TMPDIR=" + c.Mark.Temporary(t, "manager")}
		killed := c.StartManager(t, "killed", s)
		c.Monitor.WaitWorkers(t, "4 workers", 4)
		killed.Signal(syscall.SIGKILL)
		for _, left := range cluster.AwaitNone(c.Mark, cluster.LeakGrace, "killed") {
			t.Errorf("left behind: process %d (%s)", left.Pid, left.Command)
		}
		// The scheduler notices killed workers only after its own timeout.
		next := c.StartManager(t, "next", s)
		c.Monitor.Wait(t, "2 more workers", cluster.ConnectTimeout, func(s *cluster.State) bool { return len(s.Ever) == 6 })
		sockets, _ := filepath.Glob(filepath.Join(c.Mark.Temporary(t, "manager"), "scaler_worker_*"))
		if len(sockets) != 2 {
			t.Errorf("two managers have the sockets %v", sockets)
		}
		next.End(t, syscall.SIGTERM)
		live.End(t, syscall.SIGTERM)
	}, "2.9.0")
}
