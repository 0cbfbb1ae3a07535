package workers

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Sixteen workers, started and stopped ten times by either signal, leave nothing.
func TestManyStarts(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		for round := range 10 {
			m := c.StartManager(t, fmt.Sprintf("round%d", round), cluster.Fixed("16"))
			c.Monitor.WaitWorkers(t, "16 workers", 16)
			m.End(t, []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}[round%2])
			c.Monitor.WaitWorkers(t, "no worker", 0)
		}
	}, "1.26.6", "2.9.0")
}
