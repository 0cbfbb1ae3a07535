package options

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A part is one of several checks that share a cluster, because a cluster takes seconds to start.
type part struct {
	name string
	run  func(t *testing.T, c *cluster.Cluster)
}

// runParts stops at the first part that fails, because what it leaves could affect the next.
func runParts(t *testing.T, c *cluster.Cluster, parts []part) {
	for _, p := range parts {
		if !t.Run(p.name, func(t *testing.T) { p.run(t, c) }) {
			return
		}
	}
}

// Every option of Scaler reaches what it is for: a worker, its processors, or the scheduler.
func TestHonoured(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		runParts(t, c, []part{
			{"settings", honourSettings},
			{"defaults", honourDefaults},
			{"levels and paths of the log", honourLog},
			{"addresses and intervals", honourAddresses},
			{"what the scheduler knows", honourIdentity},
			{"hard suspend", honourSuspend},
			{"uvloop", honourEventLoop},
			{"cooldown", honourCooldown},
			{"death timeout", honourDeath},
		})
	}, cluster.OldAndNew...)
}

func honourSettings(t *testing.T, c *cluster.Cluster) {
	c.AddModule(t, "warmed", "LOADED = None\n\n\n"+
		"def load(value, more=0):\n    global LOADED\n    LOADED = [value, more]\n")
	file := filepath.Join(c.Mark.Dir, "settings.log")
	w := startWitness(t, c, "settings", cluster.Fixed("1", "--per-worker-capabilities", "linux,cpu=4",
		"--per-worker-task-queue-size", "7",
		"--heartbeat-interval-seconds", "1", "--task-timeout-seconds", "61", "--death-timeout-seconds", "62",
		"--garbage-collect-interval-seconds", "63", "--trim-memory-threshold-bytes", "640000", "--hard-processor-suspend",
		"--io-threads", "3", "--preload", "warmed:load('hot', more=2)", "--worker-type", "ODD",
		"--logging-paths", "/dev/stdout", file, "--logging-level", "DEBUG"))
	pid, agent := w.agent(t)
	cluster.CheckFields(t, "the worker", agent, map[string]any{
		"capabilities": map[string]int{"linux": -1, "cpu": 4}, "task_queue_size": 7, "heartbeat_interval_seconds": 1,
		"task_timeout_seconds": 61, "death_timeout_seconds": 62, "garbage_collect_interval_seconds": 63,
		"trim_memory_threshold_bytes": 640000, "hard_processor_suspend": true, "io_threads": 3, "event_loop": "builtin",
		"preload": "warmed:load('hot', more=2)", "worker_manager_id": w.Name, "logging_level": "DEBUG",
		"logging_paths": []string{"/dev/stdout", file}, "address": c.Address,
	})
	if id, _ := agent["identity"].(string); !strings.Contains(id, "ODD|") {
		t.Errorf("the worker's id is %q, want one with the prefix ODD", id)
	}
	told := processor(t, c, "warmed", "agent_seen")
	cluster.CheckFields(t, "the processor", told, map[string]any{
		"garbage_collect_interval_seconds": 63, "trim_memory_threshold_bytes": 640000, "waits for an event": false,
		"event_loop": "builtin", "logging_level": "DEBUG", "agent": pid,
	})
	modules := told["modules"].(map[string]any)
	cluster.CheckFields(t, "the preload", modules, map[string]any{"warmed": []any{"hot", 2}})
	// The host has imported it, so neither the worker nor the processor does.
	if by := cluster.Number(modules["agent_seen"]); by <= 0 || by == pid || by == cluster.Number(told["pid"]) {
		t.Errorf("the warm import was made by process %d; the worker is %d, the processor %v", by, pid, told["pid"])
	}
	status := c.StartClient(t, "status.py", c.MonitorAddress())
	defer status.Kill()
	if _, ok := status.Answers.Wait(regexp.MustCompile(`"free": 7\b`), 0, cluster.ConnectTimeout); !ok {
		t.Errorf("the scheduler knows of no worker with room for 7 tasks: %s", status.Answers)
	}
	w.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
	checkThreads(t, c)
}

// checkThreads compares a worker that has Scaler's own agent with three threads for input and output to one with the
// default. An agent in the manager has no such threads.
func checkThreads(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	one := startWitness(t, c, "threads", cluster.Fixed("1", "--worker-agent", "scaler"))
	few, _ := one.agent(t)
	three := startWitness(t, c, "more", cluster.Fixed("1", "--worker-agent", "scaler", "--io-threads", "3"))
	many, _ := three.agent(t)
	c.Monitor.WaitWorkers(t, "both workers", 2)
	// Workers of 1.26 take the number and use none (their ZMQ context is made without it).
	if more := cluster.Threads(t, many) - cluster.Threads(t, few); c.Release.Number() >= 2000 && more != 2 {
		t.Errorf("a worker with 3 io threads has %d threads more than one with 1, want 2", more)
	}
	one.End(t, syscall.SIGTERM)
	three.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// A bare module is what the feature page shows for --preload; all else is as the page or the newest release has it.
func honourDefaults(t *testing.T, c *cluster.Cluster) {
	c.AddModule(t, "bare", "LOADED = 'on import'\n")
	w := startWitness(t, c, "defaults", cluster.Fixed("1", "--preload", "bare"))
	_, agent := w.agent(t)
	cluster.CheckFields(t, "the worker", agent, map[string]any{
		"capabilities": map[string]int{}, "task_queue_size": 1000, "heartbeat_interval_seconds": 2, "task_timeout_seconds": 0,
		"death_timeout_seconds": 300, "garbage_collect_interval_seconds": 30, "trim_memory_threshold_bytes": 1 << 30,
		"hard_processor_suspend": false, "io_threads": 1, "logging_level": "INFO", "logging_paths": []string{"/dev/stdout"},
		"object_storage_address": nil,
	})
	if id, _ := agent["identity"].(string); !strings.Contains(id, "FIX|") {
		t.Errorf("the worker's id is %q, want one with the prefix FIX", id)
	}
	told := processor(t, c, "bare")
	cluster.CheckFields(t, "the processor", told, map[string]any{"waits for an event": true,
		"object_storage_address": c.StorageAddress()})
	cluster.CheckFields(t, "the preload", told["modules"].(map[string]any), map[string]any{"bare": "on import"})
	w.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// The manager writes to the files themselves, a processor to files of its own. What a worker says of itself goes to
// standard output at INFO in every release.
func honourLog(t *testing.T, c *cluster.Cluster) {
	file, level := filepath.Join(c.Mark.Dir, "levels.log"), map[string]float64{"DEBUG": 10, "ERROR": 40}
	for name, value := range level {
		m := c.StartManager(t, "log"+name, cluster.Fixed("1", "--logging-paths", file, "--logging-level", name))
		c.Monitor.WaitWorkers(t, "a worker", 1)
		told := processor(t, c)
		own := fmt.Sprintf("%s-%d", file, cluster.Number(told["pid"]))
		handlers := told["handlers"].(map[string]any)
		if len(handlers) != 1 || handlers[own] != value {
			t.Errorf("with --logging-level %s the processor logs to %v, want to %s at %v", name, handlers, own, value)
		}
		if _, err := os.Stat(own); err != nil {
			t.Error(err)
		}
		m.End(t, syscall.SIGTERM)
		c.Monitor.WaitWorkers(t, "no worker", 0)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// At ERROR, a start and an end without trouble log nothing.
		if said := len(text) > 0; said != (name == "DEBUG") {
			t.Errorf("with --logging-level %s the manager's own file has:\n%s", name, text)
		}
		os.Remove(file)
	}
}

// Manager, workers and storage connections each use their own address and interval.
func honourAddresses(t *testing.T, c *cluster.Cluster) {
	manager, worker, storage := cluster.NewRelay(t, c.At(0)), cluster.NewRelay(t, c.At(0)), cluster.NewRelay(t, c.At(1))
	s := cluster.Dynamic("1", "--worker-scheduler-address", worker.Address(), "--object-storage-address",
		storage.Address(),
		"--heartbeat-interval-seconds", "1")
	s.Address = manager.Address()
	w := startWitness(t, c, "addresses", s)
	load := c.StartClient(t, "sleepers.py", c.Address, "1", "11")
	c.Monitor.WaitWorkers(t, "a worker", 1)
	_, agent := w.agent(t)
	cluster.CheckFields(t, "the worker", agent, map[string]any{"address": worker.Address(),
		"object_storage_address": storage.Address()})
	manager.CheckInterval(t, "the manager")
	worker.CheckInterval(t, "a worker")
	if count := worker.Connections.Load(); count != 1 {
		t.Errorf("%d connections to the workers' address, want only the worker's", count)
	}
	if count := storage.Connections.Load(); count < 1 {
		t.Errorf("%d connections to the storage's address, want the processor's", count)
	}
	load.Finish(t) // a client that is killed leaves its task to the next worker
	w.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// What the scheduler reports of two managers at a time.
func honourIdentity(t *testing.T, c *cluster.Cluster) {
	one := c.StartManager(t, "one", cluster.Dynamic("3", "--per-worker-capabilities", "linux,cpu=4"))
	two := c.StartManager(t, "two", cluster.Dynamic("-1", "--worker-type", "ODD"))
	status := c.StartClient(t, "status.py", c.MonitorAddress())
	defer status.Kill()
	for _, want := range []string{
		`"one": \{"identity": "[^"]*worker_manager_native[^"]*", "limit": 3, "capabilities": "[^"]*cpu[^"]*"`,
		`"two": \{"identity": "[^"]*worker_manager_native[^"]*", "limit": \d{5,}, "capabilities": ""`,
	} {
		if _, ok := status.Answers.Wait(regexp.MustCompile(want), 0, cluster.ConnectTimeout); !ok {
			t.Errorf("the scheduler does not report %s:\n%s", want, status.Answers)
		}
	}
	c.CheckAdds(t)
	two.End(t, syscall.SIGTERM)
	one.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// While a task waits for a task of its own, its processor is stopped by a signal if the option is given; otherwise it
// waits for an event.
func honourSuspend(t *testing.T, c *cluster.Cluster) {
	for _, mode := range []struct {
		name, want string
		arguments  []string
	}{{"hard", "T", []string{"--hard-processor-suspend"}}, {"soft", "S", nil}} {
		m := c.StartManager(t, mode.name, cluster.Fixed("1", mode.arguments...))
		var answer struct{ State string }
		c.Ask(t, &answer, "suspended.py")
		if answer.State != mode.want {
			t.Errorf("a suspended processor is in the state %s, want %s", answer.State, mode.want)
		}
		m.End(t, syscall.SIGTERM)
		c.Monitor.WaitWorkers(t, "no worker", 0)
	}
}

// The environments have no uvloop: a fake module shows which process installs it.
func honourEventLoop(t *testing.T, c *cluster.Cluster) {
	m := c.StartManager(t, "missing", cluster.Fixed("1", "--event-loop", "uvloop", "--worker-agent", "scaler"))
	if status, ok := m.Wait(cluster.ConnectTimeout); !ok || status != 1 {
		t.Errorf("without uvloop, the manager ended with status %d (%t), want 1", status, ok)
	}
	cluster.CheckComplaint(t, m.Process, `needs the package uvloop`)

	c.AddModule(t, "uvloop", "import os\n\n\n"+
		"def install():\n    open(os.environ['SCALER_TEST_SEEN'] + '/installed-%d' % os.getpid(), 'w').close()\n")
	w := startWitness(t, c, "standin", cluster.Fixed("1", "--event-loop", "uvloop", "--worker-agent", "scaler"))
	c.Monitor.WaitWorkers(t, "a worker", 1)
	pid, agent := w.agent(t)
	cluster.CheckFields(t, "the worker", agent, map[string]any{"event_loop": "uvloop"})
	files, _ := filepath.Glob(filepath.Join(w.folder, "installed-*"))
	if len(files) != 1 || filepath.Base(files[0]) != fmt.Sprintf("installed-%d", pid) {
		t.Errorf("uvloop was installed in %v, want only the worker (pid %d)", files, pid)
	}
	w.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
	os.Remove(filepath.Join(c.Modules(t), "uvloop.py"))
}

// The manager scales down only after the scheduler has asked for that long.
func honourCooldown(t *testing.T, c *cluster.Cluster) {
	if c.Release.Number() < 2009 {
		return // schedulers of 1.26 name the workers that are to stop
	}
	for _, cooldown := range []struct {
		value    string
		enduring bool
	}{{"0", false}, {"8", true}} {
		m := c.StartManager(t, "cooldown"+cooldown.value,
			cluster.Dynamic("1", "--scale-down-cooldown-seconds", cooldown.value,
				"--heartbeat-interval-seconds", "1"))
		before := len(c.Monitor.State.Ever)
		c.CheckAdds(t)
		done := time.Now()
		c.Monitor.Wait(t, "a worker that came and went", cluster.ConnectTimeout, func(s *cluster.State) bool {
			return len(s.Ever) > before && len(s.Connected) == 0
		})
		if took := time.Since(done); (took >= 7*time.Second) != cooldown.enduring {
			t.Errorf("with a cooldown of %s s the worker was stopped %v after its task", cooldown.value, took)
		}
		m.End(t, syscall.SIGTERM)
	}
}

// Workers end when the scheduler does not answer, and come back when it does.
func honourDeath(t *testing.T, c *cluster.Cluster) {
	m := c.StartManager(t, "death", cluster.Fixed("1", "--death-timeout-seconds", "2", "--heartbeat-interval-seconds",
		"1"))
	c.Monitor.WaitWorkers(t, "a worker", 1)
	before := len(c.Monitor.State.Ever)
	stopped := time.Now()
	stop := func(signal syscall.Signal) { _ = syscall.Kill(-c.Scheduler.PID(), signal) } // in 1.26 it is three processes
	stop(syscall.SIGSTOP)
	_, ok := m.Output.Wait(regexp.MustCompile(`(?i)timeout when connect|no answer of the scheduler for`), 0,
		cluster.ConnectTimeout)
	took := time.Since(stopped)
	if !ok || took > 20*time.Second {
		t.Errorf("the worker has not ended by itself: %t after %v, want about 2 s", ok, took)
	}
	_, ok = m.Output.Wait(regexp.MustCompile(`(?i)scheduler does not answer`), 0, cluster.ConnectTimeout)
	stop(syscall.SIGCONT)
	if !ok {
		t.Error("the manager does not say that the scheduler does not answer")
	}
	c.Monitor.Wait(t, "another worker", cluster.ConnectTimeout,
		func(s *cluster.State) bool { return len(s.Ever) > before })
	m.End(t, syscall.SIGTERM)
}
