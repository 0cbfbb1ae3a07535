package schedulers

import (
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A way is how to reach a scheduler, other than the release's usual one.
type way struct {
	name    string
	release cluster.Release
	layout  cluster.Layout
	told    bool // the manager gets the same SCALER_NETWORK_BACKEND
}

// The scheduler uses a transport that is not its release's default, or an address that is not IPv4. The manager gets
// only the address, except for one that gets the transport, as Scaler's own needs. ipc is not here: schedulers of 1.x
// refuse an address that is not TCP, later ones an address without a port.
func TestTransports(t *testing.T) {
	for _, w := range []way{
		{name: "ZMQ", release: "2.3.3", layout: cluster.Layout{Backend: "zmq"}},
		{name: "ZMQ", release: "2.9.0", layout: cluster.Layout{Backend: "zmq"}},
		{name: "YMQ", release: "1.26.6", layout: cluster.Layout{Backend: "ymq"}},
		{name: "YMQ told", release: "1.26.6", layout: cluster.Layout{Backend: "ymq"}, told: true},
		{name: "YMQ", release: "2.1.10", layout: cluster.Layout{Backend: "ymq"}},
		// Scaler wants an IPv6 host without brackets.
		{name: "IPv6", release: "2.9.0", layout: cluster.Layout{Host: "::1"}},
		{name: "websocket", release: "2.3.3", layout: cluster.Layout{Scheme: "ws"}},
		{name: "websocket", release: "2.9.0", layout: cluster.Layout{Scheme: "ws"}},
	} {
		if len(cluster.Releases(t, w.release)) == 0 {
			continue
		}
		t.Run(w.name+" "+string(w.release), func(t *testing.T) {
			c := cluster.New(t, w.release, w.layout)
			for _, mode := range []struct {
				name  string
				setup cluster.Setup
			}{{"fixed", cluster.Fixed("1")}, {"dynamic", c.Quick(cluster.Dynamic("1"))}} {
				s := mode.setup
				if w.told {
					s.Environment = c.Environment
				}
				m := c.StartManager(t, mode.name, s)
				c.CheckAdds(t)
				m.End(t, syscall.SIGTERM)
				c.Monitor.WaitWorkers(t, "no worker", 0)
			}
		})
	}
}
