package schedulers

import (
	"regexp"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A manager without workers sends a heartbeat an hour, and the scheduler forgets it after 10 s. It starts a worker all
// the same, because it follows the scheduler's monitor and sees that there is a task.
func TestNews(t *testing.T) {
	if cluster.TestsUpstream() {
		t.Skip("Scaler's own manager does not follow the monitor")
	}
	listens := regexp.MustCompile(`receiving the scheduler's publications`)
	check := func(t *testing.T, c *cluster.Cluster) {
		m := c.StartManager(t, "manager", cluster.Dynamic("1", "--heartbeat-interval-seconds", "3600", "--logging-level",
			"DEBUG"))
		if _, ok := m.Output.Wait(listens, 0, cluster.ConnectTimeout); !ok {
			t.Fatal("the manager does not say that it follows the monitor")
		}
		c.CheckAdds(t)
		m.End(t, syscall.SIGTERM)
	}
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		check(t, cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla}))
	})
	for _, w := range []way{
		{name: "YMQ", release: "1.26.6", layout: cluster.Layout{Backend: "ymq"}}, // and ZMQ for monitors
		{name: "ZMQ", release: "2.9.0", layout: cluster.Layout{Backend: "zmq"}},
		{name: "websocket", release: "2.9.0", layout: cluster.Layout{Scheme: "ws"}},
		{name: "IPv6", release: "2.9.0", layout: cluster.Layout{Host: "::1"}},
	} {
		if len(cluster.Releases(t, w.release)) == 0 {
			continue
		}
		t.Run(w.name+" "+string(w.release), func(t *testing.T) { check(t, cluster.New(t, w.release, w.layout)) })
	}
}
