package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What tasks say faster than the scheduler can take it has the tasks wait, and neither ends the worker nor fills memory.
func TestAgentFlood(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native"))
		w := c.startTasker(t, "stream")
		w.pid(t, "first")
		before := m.memory(t)
		const lines, size = 20, 5 << 20
		begun := time.Now()
		w.submit(t, "flood", "flood", lines, size)
		w.running(t, "flood")
		c.scheduler.signal(syscall.SIGSTOP)
		time.Sleep(3 * time.Second) // for as much as comes
		c.scheduler.signal(syscall.SIGCONT)
		w.value(t, "flood")
		peak := peakMemory(t, m.pid())
		t.Logf("%d lines of %d MB took %.1f s; the manager had %d MB, and %d at most", lines, size>>20, time.Since(begun).Seconds(), before>>20, peak>>20)
		if peak > before+150<<20 {
			t.Errorf("the manager's memory grew from %d to %d MB", before>>20, peak>>20)
		}
		w.pid(t, "next")
		w.checkOnce(t, "flood")
		c.monitor.drain()
		if len(c.monitor.state.Ever) != 1 {
			t.Errorf("there were %d workers, want one", len(c.monitor.state.Ever))
		}
		w.leave(t)
		if info, err := os.Stat(filepath.Join(w.folder, "stdout")); err != nil || info.Size() < lines*size {
			t.Logf("the client got %v (%v)", info, err)
		}
		m.end(t, syscall.SIGTERM)
	}, honouring...)
}

// peakMemory is the most resident bytes that a process has had.
func peakMemory(t *testing.T, pid int) int {
	t.Helper()
	var kilobytes int
	for _, line := range statusLines(t, pid) {
		if n, _ := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); n == 1 {
			return kilobytes << 10
		}
	}
	t.Fatalf("the kernel does not tell the memory of process %d", pid)
	return 0
}

// Tiny tasks, many at a time: none is lost, and the manager takes no memory for them.
func TestAgentMany(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("4", "--worker-agent", "native"))
		c.monitor.waitWorkers(t, "4 workers", 4)
		w := c.startTasker(t)
		w.pid(t, "first")
		before := m.memory(t)
		const count = 2000
		begun := time.Now()
		w.submitMany(t, count, "many", "pid")
		if o := w.await(t, "many"); o.Count != count || o.Error != "" {
			t.Errorf("%d of %d tasks have their results; %s: %s", o.Count, count, o.Error, o.Message)
		}
		peak := peakMemory(t, m.pid())
		t.Logf("%d tasks took %.1f s; the manager had %d MB, and %d at most", count, time.Since(begun).Seconds(), before>>20, peak>>20)
		if peak > before+64<<20 {
			t.Errorf("the manager's memory grew from %d to %d MB", before>>20, peak>>20)
		}
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, honouring...)
}

func statusLines(t *testing.T, pid int) []string {
	t.Helper()
	return strings.Split(content(t, fmt.Sprintf("/proc/%d/status", pid)), "\n")
}
