package agents

import (
	"io"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

const lookTime = 10 * time.Millisecond

// A severed relay lets the test cut its connections.
type severed struct {
	listener net.Listener
	halfOpen bool // the scheduler's ends outlive a cut, until closeServers

	mu               sync.Mutex // guards all below
	clients, servers []net.Conn
	accepted         int
}

func newSevered(t *testing.T, target string) *severed {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &severed{listener: listener}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				client.Close()
				return
			}
			s.mu.Lock()
			s.clients, s.servers, s.accepted = append(s.clients, client), append(s.servers, server), s.accepted+1
			s.mu.Unlock()
			go s.copy(client, server)
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		s.cut()
		s.closeServers()
	})
	return s
}

func (s *severed) address() string { return "tcp://" + s.listener.Addr().String() }

func (s *severed) copy(client, server net.Conn) {
	go func() {
		_, _ = io.Copy(client, server)
		client.Close()
	}()
	_, _ = io.Copy(server, client)
	if !s.halfOpen {
		server.Close()
	}
}

// cut closes the clients' ends.
func (s *severed) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, connection := range s.clients {
		connection.Close()
	}
	s.clients = nil
}

// closeServers closes the scheduler's ends of all connections so far, and with them the clients'.
func (s *severed) closeServers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, connection := range s.servers {
		connection.Close()
	}
	s.servers = nil
}

// connections counts those there have been.
func (s *severed) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted
}

// A task runs once and returns its result even if the worker's connection is cut and made again meanwhile.
func TestAgentConnectionCut(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		way := newSevered(t, c.At(0))
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--worker-scheduler-address",
			way.address()))
		w := c.StartTasker(t)
		w.PID(t, "first")
		w.Submit(t, "long", "sleep", 2)
		w.Submit(t, "queued", "sleep", 0)
		processor := w.Running(t, "long")
		way.cut()
		if pid := w.Value(t, "long"); pid != processor {
			t.Errorf("the task began in process %[2]d and ended in %[1]d", pid, processor)
		}
		w.Value(t, "queued")
		w.CheckOnce(t, "long", "queued")
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.EachFarewell...)
}

// A task returns its result even if the scheduler's end of the worker's connection outlives the worker's end, as behind
// a router that has forgotten it. Until it is gone, libzmq ignores another connection with the same identity: whatever
// comes over that is lost, and nothing is answered. (YMQ takes the new connection.)
func TestAgentConnectionHalfOpen(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		way := newSevered(t, c.At(0))
		way.halfOpen = true
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--worker-scheduler-address",
			way.address()))
		w := c.StartTasker(t)
		w.PID(t, "first")
		w.Submit(t, "long", "sleep", 1)
		processor := w.Running(t, "long")
		before := way.connections()
		way.cut()
		// The manager connects again, the worker does, and the worker does once more, as it gets no answer.
		for until := time.Now().Add(cluster.ConnectTimeout); way.connections() < before+3; time.Sleep(lookTime) {
			if time.Now().After(until) {
				t.Fatal("the worker is content with a connection on which nothing is answered")
			}
		}
		way.closeServers()
		if pid := w.Value(t, "long"); pid != processor {
			t.Errorf("the task began in process %[2]d and ended in %[1]d", pid, processor)
		}
		w.CheckOnce(t, "long")
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, "1.26.6")
}

// Without a scheduler, workers end after --death-timeout-seconds.
func TestAgentDeathTimeout(t *testing.T) {
	c := cluster.New(t, "2.9.0", cluster.Layout{})
	m := c.StartManager(t, "manager", cluster.Fixed("2", "--worker-agent", "native", "--death-timeout-seconds", "3",
		"--heartbeat-interval-seconds", "1"))
	c.Monitor.WaitWorkers(t, "2 workers", 2)
	m.AwaitKnown(t)
	workers := cluster.WorkersOf(m)
	c.Scheduler.Kill()
	for _, worker := range workers {
		cluster.AwaitEnd(t, "a worker without a scheduler", worker, 10*time.Second)
	}
	m.Signal(syscall.SIGTERM)
	if _, ok := m.Wait(cluster.StopTimeout); !ok {
		t.Error("the manager has not ended")
	}
}

// The error of a dead processor is stored over TLS, too.
func TestAgentDeathOverTLS(t *testing.T) {
	authority := cluster.NewAuthority(t)
	served := authority.Issue(t, "scheduler", time.Hour)
	for _, way := range []struct{ scheme, storage string }{{"tls", "tls"}, {"wss", "tcp"}} {
		t.Run(way.scheme+" with storage at "+way.storage, func(t *testing.T) {
			c := cluster.NewSecureCluster(t, way.scheme, way.storage, served)
			m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--tls-ca", authority.File))
			w := c.StartTasker(t)
			w.Submit(t, "doomed", "sleep", 600)
			cluster.Kill(t, w.Running(t, "doomed"))
			if o := w.Await(t, "doomed"); o.Error != errorOfDeath {
				t.Errorf("the task ended with %q: %s", o.Error, o.Message)
			}
			w.PID(t, "next")
			w.Leave(t)
			m.End(t, syscall.SIGTERM)
		})
	}
}
