package integration

import (
	"encoding/json"
	"reflect"
	"syscall"
	"testing"
)

// The quick start of the feature page in fixed mode: exactly as many workers as asked for, under the
// manager's id and with its capabilities, and nothing left after either signal.
func TestFixed(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "fixed", fixed("4", "--per-worker-capabilities", "linux,cpu=4"))
		c.monitor.waitWorkers(t, "4 workers", 4)
		want := map[string]int{"linux": -1, "cpu": 4}
		if r.number() == 2000 {
			want = map[string]int{"": 0} // what the workers of 2.0.20 say whatever their capabilities are
		}
		for id, capabilities := range c.monitor.state.Connected {
			if !reflect.DeepEqual(capabilities, want) {
				t.Errorf("worker %s has the capabilities %v, want %v", id, capabilities, want)
			}
		}
		c.checkAdds(t)
		c.adopt(t, m.name)
		c.monitor.wait(t, "4 workers under the manager's id", connectTimeout, func(s *state) bool {
			return len(s.Managers[m.name]) == 4 && len(s.Workers) == 4
		})
		m.end(t, syscall.SIGTERM)
		c.monitor.waitWorkers(t, "no worker after SIGTERM", 0)

		m = c.startManager(t, "again", fixed("2"))
		c.monitor.waitWorkers(t, "2 workers", 2)
		c.checkAdds(t)
		m.end(t, syscall.SIGINT)
		c.monitor.waitWorkers(t, "no worker after SIGINT", 0)
	})
}

// adopt makes the scheduler list the workers of a manager that does not speak to it itself.
func (c *cluster) adopt(t *testing.T, name string) {
	t.Helper()
	c.monitor.drain()
	if _, known := c.monitor.state.Managers[name]; known {
		return
	}
	var answer json.RawMessage
	c.startClient(t, "adopt.py", c.address, name).answer(t, 0, &answer)
}
