package integration

import (
	"regexp"
	"syscall"
	"testing"
)

// A manager without workers whose heartbeats are an hour apart: the scheduler forgets it after 10 s, and has it start a
// worker only because it hears that there is a task.
func TestNews(t *testing.T) {
	if testsUpstream() {
		t.Skip("upstream's manager does not listen")
	}
	listens := regexp.MustCompile(`receiving the scheduler's publications`)
	check := func(t *testing.T, c *cluster) {
		m := c.startManager(t, "manager", dynamic("1", "--heartbeat-interval-seconds", "3600", "--logging-level", "DEBUG"))
		if _, ok := m.output.wait(listens, 0, connectTimeout); !ok {
			t.Fatal("it does not say that it listens")
		}
		c.checkAdds(t)
		m.end(t, syscall.SIGTERM)
	}
	eachRelease(t, func(t *testing.T, r release) { check(t, newCluster(t, r, layout{policy: policyVanilla})) })
	for _, w := range []way{
		{name: "YMQ", release: "1.26.6", layout: layout{backend: "ymq"}}, // and ZMQ for monitors
		{name: "ZMQ", release: "2.9.0", layout: layout{backend: "zmq"}},
		{name: "websocket", release: "2.9.0", layout: layout{scheme: "ws"}},
		{name: "IPv6", release: "2.9.0", layout: layout{host: "::1"}},
	} {
		if len(releases(t, w.release)) == 0 {
			continue
		}
		t.Run(w.name+" "+string(w.release), func(t *testing.T) { check(t, newCluster(t, w.release, w.layout)) })
	}
}
