package integration

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A manager that is given the port of another server of the cluster says which one that is, and ends.
func TestWrongPort(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
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
				setup setup
			}{{"fixed", fixed("1")}, {"dynamic", dynamic("1")}} {
				t.Run(mode.name+" at the port of the "+server.name, func(t *testing.T) {
					s := mode.setup
					s.address = fmt.Sprintf("tcp://127.0.0.1:%d", c.port+server.offset)
					m := c.startManager(t, mode.name+"-"+server.name, s)
					status, ended := m.wait(20 * time.Second)
					if !ended || status != 1 {
						t.Errorf("status %d (ended: %v), want 1", status, ended)
					}
					words := fmt.Sprintf("this is %s and not the scheduler, which is usually at port %d", server.words, c.port)
					if !strings.Contains(m.output.String(), words) {
						t.Errorf("the log does not say %q", words)
					}
				})
			}
		}
	})
}
