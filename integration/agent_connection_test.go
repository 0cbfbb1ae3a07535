package integration

import (
	"net"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A severed relay is one whose connections the test can cut.
type severed struct {
	listener net.Listener
	mu       sync.Mutex
	open     []net.Conn // guarded by mu
}

func newSevered(t *testing.T, target string) *severed {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{listener: listener, said: make(chan time.Time, 1)}
	s := &severed{listener: listener}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.open = append(s.open, client)
			s.mu.Unlock()
			go r.serve(client, target)
		}
	}()
	t.Cleanup(func() { listener.Close() })
	return s
}

func (s *severed) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, connection := range s.open {
		connection.Close()
	}
	s.open = nil
}

// The result of a task comes although the worker's connection was cut and made again meanwhile, and the task runs once.
func TestAgentConnectionCut(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		way := newSevered(t, c.endpoint(0))
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native", "--worker-scheduler-address",
			"tcp://"+way.listener.Addr().String()))
		w := c.startTasker(t)
		w.pid(t, "first")
		w.submit(t, "long", "sleep", 2)
		w.submit(t, "queued", "sleep", 0)
		processor := w.running(t, "long")
		way.cut()
		if pid := w.value(t, "long"); pid != processor {
			t.Errorf("the task ran in process %d, and began in %d", pid, processor)
		}
		w.value(t, "queued")
		w.checkOnce(t, "long", "queued")
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, agentReleases...)
}

// A scheduler that stays away is the workers' end after --death-timeout-seconds.
func TestAgentDeathTimeout(t *testing.T) {
	c := newCluster(t, "2.9.0", layout{})
	m := c.startManager(t, "manager", fixed("2", "--worker-agent", "native", "--death-timeout-seconds", "3",
		"--heartbeat-interval-seconds", "1"))
	c.monitor.waitWorkers(t, "2 workers", 2)
	m.awaitKnown(t)
	workers := workersOf(m)
	c.scheduler.kill()
	for _, worker := range workers {
		awaitEnd(t, "a worker without a scheduler", worker, 10*time.Second)
	}
	m.signal(syscall.SIGTERM)
	if _, ok := m.wait(stopTimeout); !ok {
		t.Error("the manager does not end")
	}
}

// A dead processor's error is stored over TLS too.
func TestAgentDeathOverTLS(t *testing.T) {
	authority := newAuthority(t)
	served := authority.issue(t, "scheduler", time.Hour)
	for _, way := range []struct{ scheme, storage string }{{"tls", "tls"}, {"wss", "tcp"}} {
		t.Run(way.scheme+" with storage at "+way.storage, func(t *testing.T) {
			c := newSecureCluster(t, way.scheme, way.storage, served)
			m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native", "--tls-ca", authority.file))
			w := c.startTasker(t)
			w.submit(t, "doomed", "sleep", 600)
			kill(t, w.running(t, "doomed"))
			if o := w.await(t, "doomed"); o.Error != errorOfDeath {
				t.Errorf("the task ended with %q: %s", o.Error, o.Message)
			}
			w.pid(t, "next")
			w.leave(t)
			m.end(t, syscall.SIGTERM)
		})
	}
}
