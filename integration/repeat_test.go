package integration

import (
	"fmt"
	"syscall"
	"testing"
)

// Sixteen workers, started and stopped ten times over by either signal, leave nothing.
func TestManyStarts(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		for round := range 10 {
			m := c.startManager(t, fmt.Sprintf("round%d", round), fixed("16"))
			c.monitor.waitWorkers(t, "16 workers", 16)
			m.end(t, []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}[round%2])
			c.monitor.waitWorkers(t, "no worker", 0)
		}
	}, "1.26.6", "2.9.0")
}
