package faults

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// SIGTERM at any moment of the start in fixed mode ends the manager.
func TestFaultEarlyStop(t *testing.T) {
	t.Parallel()
	const starts, span, limit = 30, 300 * time.Millisecond, 8 * time.Second
	c := cluster.StartWithoutMonitor(t, "2.9.0", "127.0.0.1")
	for i := range starts {
		after := span * time.Duration(i) / starts
		m := c.StartManager(t, fmt.Sprintf("early%d", i), cluster.Fixed("4", "--stop-timeout-seconds", "4"))
		time.Sleep(after)
		held := cluster.Semaphores(m.Mark.Processes(m.Name))
		m.Signal(syscall.SIGTERM)
		status, ok := m.Wait(limit)
		if !ok {
			t.Errorf("SIGTERM %v after the start: the manager has not ended %v later", after, limit)
			m.Kill()
		} else if status != 0 && !(status == 128+int(syscall.SIGTERM) && after < 50*time.Millisecond) {
			// Within 50 ms the signal may come before the manager handles signals.
			t.Errorf("SIGTERM %v after the start: status %d", after, status)
		}
		cluster.CheckNothingLeft(t, m.Mark, m.Name, held)
	}
}
