package faults

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Modes of a manager under faults. The last one is ours alone.
const (
	modeDynamic = "dynamic"
	modeFixed   = "fixed"
	modeRestart = "fixed, --restart on-failure"
)

const (
	sceneWorkers = 3
	sceneLoad    = 45  // tasks at a time; schedulers want another worker for more than ten a worker
	sceneTask    = 0.1 // seconds
	stopPatience = 4 * time.Second
	// schedulerPatience is the seconds until a scheduler gives up a silent worker, 60 by default.
	schedulerPatience = "10"
)

// A scene is a cluster with one manager under load, in which something goes wrong.
type scene struct {
	t       *testing.T
	cluster *cluster.Cluster
	ours    bool
	mode    string
	fault   fault
	manager *cluster.Manager
	load    *cluster.Load
	network *cluster.Network  // nil where all is on one host
	since   time.Time         // when the capacity may be back at the earliest
	victims map[int]time.Time // processors whose tasks a fault hits, and when it came
	last    func()            // what else goes wrong before the end; may be nil
	outcome outcome

	managerHost *cluster.Host // nil where all is on one host
}

// setup is how the manager starts in this scene.
func (s *scene) setup(count int) cluster.Setup {
	n := fmt.Sprint(count)
	var start cluster.Setup
	switch s.mode {
	case modeDynamic:
		start = cluster.Dynamic(n)
		if s.ours || s.cluster.Release.Number() >= 2009 {
			start.Arguments = append(start.Arguments, "--scale-down-cooldown-seconds", "1")
		}
	case modeFixed:
		start = cluster.Fixed(n)
	case modeRestart:
		start = cluster.Fixed(n, "--restart", "on-failure")
	}
	if s.ours {
		start.Arguments = append(start.Arguments, "--stop-timeout-seconds", fmt.Sprint(stopPatience.Seconds()))
	} else {
		start.Program = s.cluster.Release.Program("scaler_worker_manager")
	}
	if s.fault.setup != nil {
		s.fault.setup(s, &start)
	}
	return start
}

// begin starts the manager and waits until its workers are at work.
func (s *scene) begin() {
	s.t.Helper()
	s.manager = s.startManager("manager", sceneWorkers)
	s.load = s.cluster.StartLoad(s.t, "first", sceneLoad, sceneTask, 25*time.Second)
	if _, ok := s.load.AwaitConcurrent(s.t, time.Now(), sceneWorkers, cluster.ConnectTimeout); !ok {
		s.t.Fatalf("%d workers are not at work", sceneWorkers)
	}
}

func (s *scene) startManager(name string, count int) *cluster.Manager {
	s.t.Helper()
	return s.managerHost.StartManager(s.t, s.cluster, name, s.setup(count))
}

// processors returns those that have tasks now.
func (s *scene) processors() []int {
	s.t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(10 * time.Millisecond) {
		var list []int
		for _, e := range s.load.Executions(s.t) {
			if e.End.IsZero() && cluster.Alive(e.Pid) {
				list = append(list, e.Pid)
			}
		}
		if len(list) > 0 {
			return list
		}
		if time.Now().After(deadline) {
			s.t.Fatal("no processor is at work")
		}
	}
}

// startAnother replaces the load by a new one, which counts from then on.
func (s *scene) startAnother() {
	s.t.Helper()
	s.load.Client.Kill()
	s.victims = nil
	s.begins()
	s.load = s.cluster.StartLoad(s.t, "another", sceneLoad, sceneTask, 25*time.Second)
}

// served returns a process that has executed tasks and is still there.
func (s *scene) served() int {
	s.t.Helper()
	for _, e := range s.load.Executions(s.t) {
		if cluster.Alive(e.Pid) {
			return e.Pid
		}
	}
	s.t.Fatal("no processor is left")
	return 0
}

// patience returns the options for how long the scheduler waits for a silent worker.
func (s *scene) patience() []string {
	if s.fault.patience != "" {
		return []string{"--worker-timeout-seconds", s.fault.patience}
	}
	return []string{"--worker-timeout-seconds", schedulerPatience}
}

// worker returns a worker that has a task, and the processor that executes it.
func (s *scene) worker() (worker, processor int) {
	s.t.Helper()
	processor = s.processors()[0]
	found, _ := cluster.ReadStat(processor)
	if s.ours {
		return found.Group, processor // forked by the worker host, in its worker's process group
	}
	return found.Parent, processor
}

// host returns our worker host: the parent of all processors.
func (s *scene) host() int {
	s.t.Helper()
	return cluster.HostOf(s.manager)
}

// signal sends a signal to a process of this scene.
func (s *scene) signal(pid int, signal syscall.Signal) {
	s.t.Helper()
	if pid <= 1 {
		s.t.Fatalf("no process to signal")
	}
	if err := syscall.Kill(pid, signal); err != nil {
		s.t.Fatalf("cannot signal process %d: %v", pid, err)
	}
}

// begins notes that a fault comes now and hits these processors. One that an earlier fault hit stays its victim.
func (s *scene) begins(processors ...int) {
	s.t.Helper()
	s.since = time.Now()
	if s.victims == nil {
		s.victims = map[int]time.Time{}
	}
	for _, pid := range processors {
		if _, ok := s.victims[pid]; !ok {
			s.victims[pid] = s.since
		}
	}
}

// everyone returns all processors so far.
func (s *scene) everyone() (pids []int) {
	s.t.Helper()
	for _, e := range s.load.Executions(s.t) {
		pids = append(pids, e.Pid)
	}
	return pids
}

// ends stops a manager with a signal, then kills what is left. It returns how long the manager took, or false if it did
// not end.
func (s *scene) ends(m *cluster.Manager, signal syscall.Signal) (took time.Duration, ok bool) {
	s.t.Helper()
	held := cluster.Semaphores(m.Mark.Processes(m.Name))
	alone := !m.Running() // it has ended by itself, as in fixed mode with the last worker
	begun := time.Now()
	m.Signal(signal)
	status, ok := m.Wait(15 * time.Second)
	took = time.Since(begun)
	if signal == syscall.SIGKILL {
		s.outcome.left += len(cluster.AwaitNone(m.Mark, 2*time.Second, m.Name))
	} else {
		s.outcome.left += len(cluster.AwaitNone(m.Mark, cluster.LeakGrace, m.Name))
		if s.ours {
			if status != 0 && !alone {
				s.t.Errorf("the manager ended with status %d after signal %d", status, signal)
			}
			cluster.CheckNothingLeft(s.t, m.Mark, m.Name, held)
		}
	}
	for _, process := range m.Mark.Processes(m.Name) {
		if s.ours {
			s.t.Errorf("left behind by the manager: process %d (%s)", process.Pid, process.Command)
		}
		_ = syscall.Kill(process.Pid, syscall.SIGKILL)
	}
	// What Python's manager left, and semaphores of killed processes.
	cluster.AwaitNone(m.Mark, 5*time.Second, m.Name)
	for _, name := range held {
		os.Remove("/dev/shm/" + name)
	}
	return took, ok
}
