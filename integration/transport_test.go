package integration

import (
	"syscall"
	"testing"
)

// A way to reach a scheduler other than the release's usual one.
type way struct {
	name    string
	release release
	layout  layout
	told    bool // the manager gets the same SCALER_NETWORK_BACKEND
}

// The scheduler answers in a transport that its release does not use by default, or at an address that is not IPv4. The
// manager knows the address alone, but for one that is told the transport as upstream's has to be. There is no
// ipc: 1.x schedulers refuse an address that is not TCP, later ones one without a port.
func TestTransports(t *testing.T) {
	for _, w := range []way{
		{name: "ZMQ", release: "2.3.3", layout: layout{backend: "zmq"}},
		{name: "ZMQ", release: "2.9.0", layout: layout{backend: "zmq"}},
		{name: "YMQ", release: "1.26.6", layout: layout{backend: "ymq"}},
		{name: "YMQ told", release: "1.26.6", layout: layout{backend: "ymq"}, told: true},
		{name: "YMQ", release: "2.1.10", layout: layout{backend: "ymq"}},
		// Upstream wants the host of an IPv6 address without brackets.
		{name: "IPv6", release: "2.9.0", layout: layout{host: "::1"}},
		{name: "websocket", release: "2.3.3", layout: layout{scheme: "ws"}},
		{name: "websocket", release: "2.9.0", layout: layout{scheme: "ws"}},
	} {
		if len(releases(t, w.release)) == 0 {
			continue
		}
		t.Run(w.name+" "+string(w.release), func(t *testing.T) {
			c := newCluster(t, w.release, w.layout)
			for _, mode := range []struct {
				name  string
				setup setup
			}{{"fixed", fixed("1")}, {"dynamic", c.quick(dynamic("1"))}} {
				s := mode.setup
				if w.told {
					s.environment = c.environment
				}
				m := c.startManager(t, mode.name, s)
				c.checkAdds(t)
				m.end(t, syscall.SIGTERM)
				c.monitor.waitWorkers(t, "no worker", 0)
			}
		})
	}
}
