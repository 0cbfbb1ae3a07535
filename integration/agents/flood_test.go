package agents

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Tasks that write output faster than the scheduler takes it have to wait. The worker does not end, and memory does not
// grow.
func TestAgentFlood(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native"))
		w := c.StartTasker(t, "stream")
		w.PID(t, "first")
		before := m.Memory(t)
		const lines, size = 20, 5 << 20
		begun := time.Now()
		w.Submit(t, "flood", "flood", lines, size)
		w.Running(t, "flood")
		c.Scheduler.Signal(syscall.SIGSTOP)
		time.Sleep(3 * time.Second) // for as much as comes
		c.Scheduler.Signal(syscall.SIGCONT)
		w.Value(t, "flood")
		peak := peakMemory(t, m.PID())
		t.Logf("%d lines of %d MB took %.1f s; the manager had %d MB, and %d at most", lines, size>>20,
			time.Since(begun).Seconds(), before>>20, peak>>20)
		if peak > before+150<<20 {
			t.Errorf("the manager's memory grew from %d to %d MB", before>>20, peak>>20)
		}
		w.PID(t, "next")
		w.CheckOnce(t, "flood")
		c.Monitor.Drain()
		if len(c.Monitor.State.Ever) != 1 {
			t.Errorf("%d workers have connected, want 1", len(c.Monitor.State.Ever))
		}
		w.Leave(t)
		if info, err := os.Stat(filepath.Join(w.Folder, "stdout")); err != nil || info.Size() < lines*size {
			t.Logf("the client got %v (%v)", info, err)
		}
		m.End(t, syscall.SIGTERM)
	}, cluster.OldAndNew...)
}

// peakMemory returns the peak of the resident bytes of a process.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	var kilobytes int
	for _, line := range statusLines(t, pid) {
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); n == 1 {
			return kilobytes << 10
		}
	}
	t.Fatalf("the kernel does not show the memory of process %d", pid)
	return 0
}

// Of many tiny tasks none is lost, and the memory of the manager does not grow.
func TestAgentMany(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("4", "--worker-agent", "native"))
		c.Monitor.WaitWorkers(t, "4 workers", 4)
		w := c.StartTasker(t)
		w.PID(t, "first")
		before := m.Memory(t)
		const count = 2000
		begun := time.Now()
		w.SubmitMany(t, count, "many", "pid")
		if o := w.Await(t, "many"); o.Count != count || o.Error != "" {
			t.Errorf("%d of %d tasks have their results; %s: %s", o.Count, count, o.Error, o.Message)
		}
		peak := peakMemory(t, m.PID())
		t.Logf("%d tasks took %.1f s; the manager had %d MB, and %d at most", count, time.Since(begun).Seconds(), before>>20,
			peak>>20)
		if peak > before+64<<20 {
			t.Errorf("the manager's memory grew from %d to %d MB", before>>20, peak>>20)
		}
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.OldAndNew...)
}

func statusLines(t *testing.T, pid int) []string {
	t.Helper()
	return strings.Split(cluster.Content(t, fmt.Sprintf("/proc/%d/status", pid)), "\n")
}
