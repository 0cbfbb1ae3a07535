package integration

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"
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
	cluster *cluster
	ours    bool
	mode    string
	fault   fault
	manager *manager
	load    *load
	network *network     // nil where all is on one network
	struck  time.Time    // when the fault came
	since   time.Time    // when the capacity may be back at the earliest
	victims map[int]bool // processors whose tasks the fault hits
	last    func()       // what else goes wrong before the end; may be nil
	outcome outcome
}

// startFaultCluster starts the scheduler and the object storage server, but no monitor.
func startFaultCluster(t *testing.T, r release, host string, arguments ...string) *cluster {
	t.Helper()
	c := reserveCluster(t, r, layout{policy: policyVanilla, host: host})
	if !r.ownStorage() {
		c.startFaultStorage(t)
	}
	c.startScheduler(t, arguments...)
	return c
}

func (c *cluster) at(offset int) string {
	return net.JoinHostPort(c.layout.host, strconv.Itoa(c.port+offset))
}

func (c *cluster) startFaultStorage(t *testing.T) {
	t.Helper()
	c.storage = c.run(t, "storage", "scaler_object_storage_server", "tcp://"+c.at(1))
	awaitPort(t, c.storage, c.at(1))
}

func (c *cluster) startScheduler(t *testing.T, arguments ...string) {
	t.Helper()
	arguments = append([]string{c.address, "--policy-content", c.layout.policy}, arguments...)
	if !c.release.ownStorage() {
		arguments = append(arguments, "--object-storage-address", "tcp://"+c.at(1))
	}
	c.scheduler = c.run(t, "scheduler", "scaler_scheduler", arguments...)
	awaitPort(t, c.scheduler, c.at(2))
}

// setup is the manager's start-up in this scene.
func (s *scene) setup(count int) setup {
	n := fmt.Sprint(count)
	var start setup
	switch s.mode {
	case modeDynamic:
		start = dynamic(n)
		if s.ours || s.cluster.release.number() >= 2009 {
			start.arguments = append(start.arguments, "--scale-down-cooldown-seconds", "1")
		}
	case modeFixed:
		start = fixed(n)
	case modeRestart:
		start = fixed(n, "--restart", "on-failure")
	}
	if s.ours {
		start.arguments = append(start.arguments, "--stop-timeout-seconds", fmt.Sprint(stopPatience.Seconds()))
	} else {
		start.program = s.cluster.release.program("scaler_worker_manager")
	}
	if s.fault.setup != nil {
		s.fault.setup(s, &start)
	}
	return start
}

// begin has the manager's workers at work.
func (s *scene) begin() {
	s.t.Helper()
	s.manager = s.startManager("manager", sceneWorkers)
	s.load = s.cluster.startLoad(s.t, "first", sceneLoad, sceneTask, 25*time.Second)
	if _, ok := s.load.awaitConcurrent(s.t, time.Now(), sceneWorkers, connectTimeout); !ok {
		s.t.Fatalf("%d workers have not come to work", sceneWorkers)
	}
}

func (s *scene) startManager(name string, count int) (m *manager) {
	s.t.Helper()
	start := s.setup(count)
	s.network.there(s.t, func() { m = s.cluster.startManager(s.t, name, start) })
	return m
}

// processors returns those that have tasks now.
func (s *scene) processors() []int {
	s.t.Helper()
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(10 * time.Millisecond) {
		var list []int
		for _, e := range s.load.executions(s.t) {
			if e.end.IsZero() && alive(e.pid) {
				list = append(list, e.pid)
			}
		}
		if len(list) > 0 {
			return list
		}
		if time.Now().After(deadline) {
			s.t.Fatal("nothing is at work")
		}
	}
}

// startAnother replaces the load by a new one, which is what is judged from then on.
func (s *scene) startAnother() {
	s.t.Helper()
	s.load.client.kill()
	s.begins()
	s.load = s.cluster.startLoad(s.t, "another", sceneLoad, sceneTask, 25*time.Second)
}

// served returns a process that has executed tasks and is still there.
func (s *scene) served() int {
	s.t.Helper()
	for _, e := range s.load.executions(s.t) {
		if alive(e.pid) {
			return e.pid
		}
	}
	s.t.Fatal("no processor is left")
	return 0
}

// patience is the scheduler's, in options.
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
	found, _ := readStat(processor)
	if s.ours {
		return found.group, processor // forked by the worker host, in its worker's process group
	}
	return found.parent, processor
}

// host returns our worker host: the parent of all processors.
func (s *scene) host() int {
	s.t.Helper()
	return hostOf(s.manager)
}

// signal hits a process of this scene.
func (s *scene) signal(pid int, signal syscall.Signal) {
	s.t.Helper()
	if pid <= 1 {
		s.t.Fatalf("cannot find whom to signal")
	}
	if err := syscall.Kill(pid, signal); err != nil {
		s.t.Fatalf("cannot signal process %d: %v", pid, err)
	}
}

// begins notes that the fault comes now and hits these processors.
func (s *scene) begins(processors ...int) {
	s.t.Helper()
	s.victims = map[int]bool{}
	for _, pid := range processors {
		s.victims[pid] = true
	}
	s.struck = time.Now()
	s.since = s.struck
}

// everyone is all processors that there have been.
func (s *scene) everyone() (pids []int) {
	s.t.Helper()
	for _, e := range s.load.executions(s.t) {
		pids = append(pids, e.pid)
	}
	return pids
}

// ends stops a manager, by its own means at first; how long it took, or false if it did not end.
func (s *scene) ends(m *manager, signal syscall.Signal) (took time.Duration, ok bool) {
	s.t.Helper()
	held := semaphores(m.mark.processes(m.name))
	alone := !m.running() // it has ended by itself, as in fixed mode with the last worker
	begun := time.Now()
	m.signal(signal)
	status, ok := m.wait(15 * time.Second)
	took = time.Since(begun)
	if signal == syscall.SIGKILL {
		s.outcome.left += len(awaitNone(m.mark, 2*time.Second, m.name))
	} else {
		s.outcome.left += len(awaitNone(m.mark, leakGrace, m.name))
		if s.ours {
			if status != 0 && !alone {
				s.t.Errorf("the manager ended with status %d after signal %d", status, signal)
			}
			checkNothingLeft(s.t, m.mark, m.name, held)
		}
	}
	for _, process := range m.mark.processes(m.name) {
		if s.ours {
			s.t.Errorf("left behind by the manager: process %d (%s)", process.pid, process.command)
		}
		_ = syscall.Kill(process.pid, syscall.SIGKILL)
	}
	// What was left of Python's, and semaphores of killed processes.
	awaitNone(m.mark, 5*time.Second, m.name)
	for _, name := range held {
		os.Remove("/dev/shm/" + name)
	}
	return took, ok
}
