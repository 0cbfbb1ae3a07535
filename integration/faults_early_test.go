package integration

import (
	"fmt"
	"syscall"
	"testing"
	"time"
)

// SIGTERM at any moment of a start in fixed mode ends the manager.
func TestFaultEarlyStop(t *testing.T) {
	t.Parallel()
	const starts, span, limit = 30, 300 * time.Millisecond, 8 * time.Second
	c := startFaultCluster(t, "2.9.0", "127.0.0.1")
	for i := range starts {
		after := span * time.Duration(i) / starts
		m := c.startManager(t, fmt.Sprintf("early%d", i), fixed("4", "--stop-timeout-seconds", "4"))
		time.Sleep(after)
		held := semaphores(m.mark.processes(m.name))
		m.signal(syscall.SIGTERM)
		status, ok := m.wait(limit)
		if !ok {
			t.Errorf("SIGTERM %v after the start: the manager is there %v later", after, limit)
			m.kill()
		} else if status != 0 && !(status == 128+int(syscall.SIGTERM) && after < 50*time.Millisecond) { // before it could handle signals
			t.Errorf("SIGTERM %v after the start: status %d", after, status)
		}
		checkNothingLeft(t, m.mark, m.name, held)
	}
}
