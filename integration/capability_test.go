package integration

import (
	"reflect"
	"syscall"
	"testing"
)

// Tasks that ask for a capability run only on the workers of the manager that offers it, in both modes. Not so with
// 2.0.20, whose workers and clients send one nameless capability in the place of all.
func TestCapabilities(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{policy: policyCapability})
		for _, mode := range []struct {
			name  string
			setup func(capability string) setup
		}{
			{"fixed", func(capability string) setup { return fixed("1", "--per-worker-capabilities", capability) }},
			{"dynamic", func(capability string) setup {
				return c.quick(dynamic("1", "--per-worker-capabilities", capability))
			}},
		} {
			// A task answers with the role of its worker's manager.
			red := c.startManager(t, mode.name+"-red", mode.setup("red,metal"))
			blue := c.startManager(t, mode.name+"-blue", mode.setup("blue,metal"))
			if mode.name == "fixed" {
				c.monitor.waitWorkers(t, "a worker each", 2)
			}
			var where map[string][]string
			c.ask(t, &where, "capabilities.py", "5", "red", "blue")
			if want := map[string][]string{"red": {red.name}, "blue": {blue.name}}; !reflect.DeepEqual(where, want) {
				t.Errorf("%s: tasks ran at %v, want %v", mode.name, where, want)
			}
			red.end(t, syscall.SIGTERM)
			blue.end(t, syscall.SIGTERM)
			c.monitor.waitWorkers(t, "no worker", 0)
		}
	}, "1.26.6", "1.27.2", "2.1.10", "2.3.3", "2.6.0", "2.9.0")
}
