package agents

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// If processors cannot start, or die as soon as they are ready, the agent tries again with pauses, and the worker
// lives.
func TestAgentPreloadFails(t *testing.T) {
	c := cluster.New(t, "2.9.0", cluster.Layout{})
	c.AddModule(t, "failing", "raise RuntimeError('out of order')\n")
	c.AddModule(t, "dying", `import os, threading, time

def load():
    threading.Thread(target=lambda: (time.sleep(0.3), os._exit(7)), daemon=True).start()
`)
	for _, preload := range []string{"failing", "dying:load()"} {
		t.Run(preload, func(t *testing.T) {
			s := cluster.Fixed("1", "--worker-agent", "native", "--preload", preload)
			s.Environment = []string{"PYTHONPATH=" + c.Modules(t), "PYTHONDONTWRITEBYTECODE=1"}
			m := c.StartManager(t, "preload"+preload[:3], s)
			c.Monitor.WaitWorkers(t, "a worker", 1)
			time.Sleep(8 * time.Second)
			output := m.Output.String()
			if forks := strings.Count(output, "start Processor["); forks < 3 || forks > 9 {
				t.Errorf("%d processors were started in 8 s, want a few", forks)
			}
			if !strings.Contains(output, "the next processor is forked in") {
				t.Error("the log does not say that the next processor has to wait")
			}
			if len(c.Monitor.State.Connected) != 1 {
				t.Error("the worker has ended")
			}
			m.End(t, syscall.SIGTERM)
			c.Monitor.WaitWorkers(t, "no worker", 0)
		})
	}
}
