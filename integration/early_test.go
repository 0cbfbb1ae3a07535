package integration

import (
	"syscall"
	"testing"
)

// A manager may be there before its scheduler: it says that it waits, and works once the scheduler is there.
func TestManagerFirst(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		for _, mode := range []struct {
			name  string
			setup setup
		}{{"fixed", fixed("1")}, {"dynamic", dynamic("1")}} {
			t.Run(mode.name, func(t *testing.T) {
				c := reserveCluster(t, r, layout{})
				m := c.startManager(t, mode.name, mode.setup)
				if _, ok := m.output.wait(wordsWaiting, 0, connectTimeout); !ok {
					t.Error("the manager does not say that it waits for the scheduler")
				}
				c.start(t)
				c.checkAdds(t)
				m.end(t, syscall.SIGTERM)
			})
		}
	})
}
