package integration

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// Processors that cannot come to be, or die as soon as they are ready, are tried again with pauses, and the worker lives.
func TestAgentPreloadFails(t *testing.T) {
	c := newCluster(t, "2.9.0", layout{})
	c.addModule(t, "failing", "raise RuntimeError('out of order')\n")
	c.addModule(t, "dying", `import os, threading, time

def load():
    threading.Thread(target=lambda: (time.sleep(0.3), os._exit(7)), daemon=True).start()
`)
	for _, preload := range []string{"failing", "dying:load()"} {
		t.Run(preload, func(t *testing.T) {
			s := fixed("1", "--worker-agent", "native", "--preload", preload)
			s.environment = []string{"PYTHONPATH=" + c.modules(t), "PYTHONDONTWRITEBYTECODE=1"}
			m := c.startManager(t, "preload"+preload[:3], s)
			c.monitor.waitWorkers(t, "a worker", 1)
			time.Sleep(8 * time.Second)
			output := m.output.String()
			if forks := strings.Count(output, "start Processor["); forks < 3 || forks > 9 {
				t.Errorf("%d processors were made in 8 s, want a few", forks)
			}
			if !strings.Contains(output, "the next processor is forked in") {
				t.Error("nothing says that the next processor has to wait")
			}
			if len(c.monitor.state.Connected) != 1 {
				t.Error("the worker has not lived")
			}
			m.end(t, syscall.SIGTERM)
			c.monitor.waitWorkers(t, "no worker", 0)
		})
	}
}
