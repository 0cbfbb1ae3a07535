package workers

import (
	"encoding/json"
	"reflect"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// The quick start of Scaler's documentation in fixed mode: exactly as many workers as asked for, under the manager's id
// and with its capabilities, and nothing left after either signal.
func TestFixed(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "fixed", cluster.Fixed("4", "--per-worker-capabilities", "linux,cpu=4"))
		c.Monitor.WaitWorkers(t, "4 workers", 4)
		want := map[string]int{"linux": -1, "cpu": 4}
		if r.Number() == 2000 {
			want = map[string]int{"": 0} // what the workers of 2.0.20 say whatever their capabilities are
		}
		for id, capabilities := range c.Monitor.State.Connected {
			if !reflect.DeepEqual(capabilities, want) {
				t.Errorf("worker %s has the capabilities %v, want %v", id, capabilities, want)
			}
		}
		c.CheckAdds(t)
		adopt(t, c, m.Name)
		c.Monitor.Wait(t, "4 workers under the manager's id", cluster.ConnectTimeout, func(s *cluster.State) bool {
			return len(s.Managers[m.Name]) == 4 && len(s.Workers) == 4
		})
		m.End(t, syscall.SIGTERM)
		c.Monitor.WaitWorkers(t, "no worker after SIGTERM", 0)

		m = c.StartManager(t, "again", cluster.Fixed("2"))
		c.Monitor.WaitWorkers(t, "2 workers", 2)
		c.CheckAdds(t)
		m.End(t, syscall.SIGINT)
		c.Monitor.WaitWorkers(t, "no worker after SIGINT", 0)
	})
}

// adopt makes the scheduler list the workers of a manager that does not itself connect to it.
func adopt(t *testing.T, c *cluster.Cluster, name string) {
	t.Helper()
	c.Monitor.Drain()
	if _, known := c.Monitor.State.Managers[name]; known {
		return
	}
	var answer json.RawMessage
	c.StartClient(t, "adopt.py", c.Address, name).Answer(t, 0, &answer)
}
