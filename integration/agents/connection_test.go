package agents

import (
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A severed relay lets the test cut its connections.
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
	r := &cluster.Relay{Listener: listener, Said: make(chan time.Time, 1)}
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
			go r.Serve(client, target)
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

// A task runs once and returns its result even if the worker's connection is cut and made again meanwhile.
func TestAgentConnectionCut(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		way := newSevered(t, c.At(0))
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--worker-scheduler-address",
			"tcp://"+way.listener.Addr().String()))
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
