package workers

import (
	"reflect"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Tasks that ask for a capability run only on the workers of the manager that offers it, in both modes. Not so with
// 2.0.20, whose workers and clients send one nameless capability in the place of all.
func TestCapabilities(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyCapability})
		for _, mode := range []struct {
			name  string
			setup func(capability string) cluster.Setup
		}{
			{"fixed", func(capability string) cluster.Setup {
				return cluster.Fixed("1", "--per-worker-capabilities", capability)
			}},
			{"dynamic", func(capability string) cluster.Setup {
				return c.Quick(cluster.Dynamic("1", "--per-worker-capabilities", capability))
			}},
		} {
			// The task returns the role of its worker's manager.
			red := c.StartManager(t, mode.name+"-red", mode.setup("red,metal"))
			blue := c.StartManager(t, mode.name+"-blue", mode.setup("blue,metal"))
			if mode.name == "fixed" {
				c.Monitor.WaitWorkers(t, "a worker each", 2)
			}
			var where map[string][]string
			c.Ask(t, &where, "capabilities.py", "5", "red", "blue")
			if want := map[string][]string{"red": {red.Name}, "blue": {blue.Name}}; !reflect.DeepEqual(where, want) {
				t.Errorf("%s: tasks ran at %v, want %v", mode.name, where, want)
			}
			red.End(t, syscall.SIGTERM)
			blue.End(t, syscall.SIGTERM)
			c.Monitor.WaitWorkers(t, "no worker", 0)
		}
	}, "1.26.6", "1.27.2", "2.1.10", "2.3.3", "2.6.0", "2.9.0")
}
