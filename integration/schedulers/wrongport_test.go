package schedulers

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Given the port of another server of the cluster, the manager says which server it is, and ends.
func TestWrongPort(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		for _, server := range []struct {
			name   string
			offset int
			words  string
		}{
			{"storage", 1, "Scaler's object storage server"},
			{"monitor", 2, "the monitor port of a Scaler scheduler"},
		} {
			for _, mode := range []struct {
				name  string
				setup cluster.Setup
			}{{"fixed", cluster.Fixed("1")}, {"dynamic", cluster.Dynamic("1")}} {
				t.Run(mode.name+" at the port of the "+server.name, func(t *testing.T) {
					s := mode.setup
					s.Address = fmt.Sprintf("tcp://127.0.0.1:%d", c.Port+server.offset)
					m := c.StartManager(t, mode.name+"-"+server.name, s)
					status, ended := m.Wait(20 * time.Second)
					if !ended || status != 1 {
						t.Errorf("status %d (ended: %v), want 1", status, ended)
					}
					words := fmt.Sprintf("this is %s and not the scheduler, which is usually at port %d", server.words, c.Port)
					if !strings.Contains(m.Output.String(), words) {
						t.Errorf("the log does not say %q", words)
					}
				})
			}
		}
	})
}
