package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The releases on which options are tried: the oldest generation of the wire and the newest.
var honouring = []release{"1.26.6", "2.9.0"}

// A part is one of several checks that share a cluster, which takes seconds to start.
type part struct {
	name string
	run  func(t *testing.T)
}

// runParts stops at the first that fails: what is left of one part must not blur the next.
func runParts(t *testing.T, parts []part) {
	for _, p := range parts {
		if !t.Run(p.name, p.run) {
			return
		}
	}
}

// Every option of Scaler's reaches what it is for: a worker, its processors, or the scheduler.
func TestHonoured(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{policy: policyVanilla})
		runParts(t, []part{
			{"settings", c.honourSettings},
			{"defaults", c.honourDefaults},
			{"levels and paths of the log", c.honourLog},
			{"addresses and intervals", c.honourAddresses},
			{"what the scheduler knows", c.honourIdentity},
			{"hard suspend", c.honourSuspend},
			{"uvloop", c.honourEventLoop},
			{"cooldown", c.honourCooldown},
			{"death timeout", c.honourDeath},
		})
	}, honouring...)
}

func (c *cluster) honourSettings(t *testing.T) {
	c.addModule(t, "warmed", "LOADED = None\n\n\ndef load(value, more=0):\n    global LOADED\n    LOADED = [value, more]\n")
	file := filepath.Join(c.mark.dir, "settings.log")
	w := c.startWitness(t, "settings", fixed("1", "--per-worker-capabilities", "linux,cpu=4", "--per-worker-task-queue-size", "7",
		"--heartbeat-interval-seconds", "1", "--task-timeout-seconds", "61", "--death-timeout-seconds", "62",
		"--garbage-collect-interval-seconds", "63", "--trim-memory-threshold-bytes", "640000", "--hard-processor-suspend",
		"--io-threads", "3", "--preload", "warmed:load('hot', more=2)", "--worker-type", "ODD",
		"--logging-paths", "/dev/stdout", file, "--logging-level", "DEBUG"))
	pid, agent := w.agent(t)
	checkTold(t, "the worker", agent, map[string]any{
		"capabilities": map[string]int{"linux": -1, "cpu": 4}, "task_queue_size": 7, "heartbeat_interval_seconds": 1,
		"task_timeout_seconds": 61, "death_timeout_seconds": 62, "garbage_collect_interval_seconds": 63,
		"trim_memory_threshold_bytes": 640000, "hard_processor_suspend": true, "io_threads": 3, "event_loop": "builtin",
		"preload": "warmed:load('hot', more=2)", "worker_manager_id": w.name, "logging_level": "DEBUG",
		"logging_paths": []string{"/dev/stdout", file}, "address": c.address,
	})
	if id, _ := agent["identity"].(string); !strings.Contains(id, "ODD|") {
		t.Errorf("the worker's id is %q, want one with the prefix ODD", id)
	}
	told := c.processor(t, "warmed", "agent_seen")
	checkTold(t, "the processor", told, map[string]any{
		"garbage_collect_interval_seconds": 63, "trim_memory_threshold_bytes": 640000, "waits for an event": false,
		"event_loop": "builtin", "logging_level": "DEBUG", "agent": pid,
	})
	modules := told["modules"].(map[string]any)
	checkTold(t, "the preload", modules, map[string]any{"warmed": []any{"hot", 2}})
	// The host imported it, and so neither the worker nor the processor.
	if by := number(modules["agent_seen"]); by <= 0 || by == pid || by == number(told["pid"]) {
		t.Errorf("the warm import was made by process %d; the worker is %d, the processor %v", by, pid, told["pid"])
	}
	status := c.startClient(t, "status.py", c.monitorAddress())
	defer status.kill()
	if _, ok := status.answers.wait(regexp.MustCompile(`"free": 7\b`), 0, connectTimeout); !ok {
		t.Errorf("the scheduler knows of no worker with room for 7 tasks: %s", status.answers)
	}
	w.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
	c.checkThreads(t)
}

// checkThreads compares a worker that has Scaler's own agent with three threads for input and output to one with the
// default. An agent in the manager has no such threads.
func (c *cluster) checkThreads(t *testing.T) {
	t.Helper()
	one := c.startWitness(t, "threads", fixed("1", "--worker-agent", "scaler"))
	few, _ := one.agent(t)
	three := c.startWitness(t, "more", fixed("1", "--worker-agent", "scaler", "--io-threads", "3"))
	many, _ := three.agent(t)
	c.monitor.waitWorkers(t, "both workers", 2)
	// Workers of 1.26 take the number and use none (their ZMQ context is made without it).
	if more := threads(t, many) - threads(t, few); c.release.number() >= 2000 && more != 2 {
		t.Errorf("a worker with 3 io threads has %d threads more than one with 1, want 2", more)
	}
	one.end(t, syscall.SIGTERM)
	three.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// A bare module is what the feature page shows for --preload; all else is as the page or the newest release has it.
func (c *cluster) honourDefaults(t *testing.T) {
	c.addModule(t, "bare", "LOADED = 'on import'\n")
	w := c.startWitness(t, "defaults", fixed("1", "--preload", "bare"))
	_, agent := w.agent(t)
	checkTold(t, "the worker", agent, map[string]any{
		"capabilities": map[string]int{}, "task_queue_size": 1000, "heartbeat_interval_seconds": 2, "task_timeout_seconds": 0,
		"death_timeout_seconds": 300, "garbage_collect_interval_seconds": 30, "trim_memory_threshold_bytes": 1 << 30,
		"hard_processor_suspend": false, "io_threads": 1, "logging_level": "INFO", "logging_paths": []string{"/dev/stdout"},
		"object_storage_address": nil,
	})
	if id, _ := agent["identity"].(string); !strings.Contains(id, "FIX|") {
		t.Errorf("the worker's id is %q, want one with the prefix FIX", id)
	}
	told := c.processor(t, "bare")
	checkTold(t, "the processor", told, map[string]any{"waits for an event": true, "object_storage_address": c.storageAddress()})
	checkTold(t, "the preload", told["modules"].(map[string]any), map[string]any{"bare": "on import"})
	w.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// The manager writes to the files themselves, a processor to files of its own. What a worker says of itself goes to
// standard output at INFO in every release.
func (c *cluster) honourLog(t *testing.T) {
	file, level := filepath.Join(c.mark.dir, "levels.log"), map[string]float64{"DEBUG": 10, "ERROR": 40}
	for name, value := range level {
		m := c.startManager(t, "log"+name, fixed("1", "--logging-paths", file, "--logging-level", name))
		c.monitor.waitWorkers(t, "a worker", 1)
		told := c.processor(t)
		own := fmt.Sprintf("%s-%d", file, number(told["pid"]))
		handlers := told["handlers"].(map[string]any)
		if len(handlers) != 1 || handlers[own] != value {
			t.Errorf("with --logging-level %s the processor logs to %v, want to %s at %v", name, handlers, own, value)
		}
		if _, err := os.Stat(own); err != nil {
			t.Error(err)
		}
		m.end(t, syscall.SIGTERM)
		c.monitor.waitWorkers(t, "no worker", 0)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// A start and an end without trouble is nothing to tell at ERROR.
		if said := len(text) > 0; said != (name == "DEBUG") {
			t.Errorf("with --logging-level %s the manager's own file has:\n%s", name, text)
		}
		os.Remove(file)
	}
}

// The manager, its workers and their storage each go by the address that is meant for them, and as often as asked.
func (c *cluster) honourAddresses(t *testing.T) {
	manager, worker, storage := newRelay(t, c.endpoint(0)), newRelay(t, c.endpoint(0)), newRelay(t, c.endpoint(1))
	s := dynamic("1", "--worker-scheduler-address", worker.address(), "--object-storage-address", storage.address(),
		"--heartbeat-interval-seconds", "1")
	s.address = manager.address()
	w := c.startWitness(t, "addresses", s)
	load := c.startClient(t, "sleepers.py", c.address, "1", "11")
	c.monitor.waitWorkers(t, "a worker", 1)
	_, agent := w.agent(t)
	checkTold(t, "the worker", agent, map[string]any{"address": worker.address(), "object_storage_address": storage.address()})
	manager.checkInterval(t, "the manager")
	worker.checkInterval(t, "a worker")
	if count := worker.connections.Load(); count != 1 {
		t.Errorf("%d connections to the workers' address, want the worker's alone", count)
	}
	if count := storage.connections.Load(); count < 1 {
		t.Errorf("%d connections to the storage's address, want that of the processor", count)
	}
	load.finish(t) // a client that is killed leaves its task to the next worker
	w.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// What the scheduler reports of two managers at a time.
func (c *cluster) honourIdentity(t *testing.T) {
	one := c.startManager(t, "one", dynamic("3", "--per-worker-capabilities", "linux,cpu=4"))
	two := c.startManager(t, "two", dynamic("-1", "--worker-type", "ODD"))
	status := c.startClient(t, "status.py", c.monitorAddress())
	defer status.kill()
	for _, want := range []string{
		`"one": \{"identity": "[^"]*worker_manager_native[^"]*", "limit": 3, "capabilities": "[^"]*cpu[^"]*"`,
		`"two": \{"identity": "[^"]*worker_manager_native[^"]*", "limit": \d{5,}, "capabilities": ""`,
	} {
		if _, ok := status.answers.wait(regexp.MustCompile(want), 0, connectTimeout); !ok {
			t.Errorf("the scheduler does not report %s:\n%s", want, status.answers)
		}
	}
	c.checkAdds(t)
	two.end(t, syscall.SIGTERM)
	one.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// While a task waits for a task of its own, its processor is stopped by a signal with the option, and waits for an event
// without it.
func (c *cluster) honourSuspend(t *testing.T) {
	for _, mode := range []struct {
		name, want string
		arguments  []string
	}{{"hard", "T", []string{"--hard-processor-suspend"}}, {"soft", "S", nil}} {
		m := c.startManager(t, mode.name, fixed("1", mode.arguments...))
		var answer struct{ State string }
		c.ask(t, &answer, "suspended.py")
		if answer.State != mode.want {
			t.Errorf("a suspended processor is in the state %s, want %s", answer.State, mode.want)
		}
		m.end(t, syscall.SIGTERM)
		c.monitor.waitWorkers(t, "no worker", 0)
	}
}

// uvloop is no part of the environments: a stand-in shows who installs it.
func (c *cluster) honourEventLoop(t *testing.T) {
	m := c.startManager(t, "missing", fixed("1", "--event-loop", "uvloop", "--worker-agent", "scaler"))
	if status, ok := m.wait(connectTimeout); !ok || status != 1 {
		t.Errorf("without uvloop the manager ends with status %d (%t), want 1", status, ok)
	}
	checkComplaint(t, m.process, `needs the package uvloop`)

	c.addModule(t, "uvloop", "import os\n\n\ndef install():\n    open(os.environ['SCALER_TEST_SEEN'] + '/installed-%d' % os.getpid(), 'w').close()\n")
	w := c.startWitness(t, "standin", fixed("1", "--event-loop", "uvloop", "--worker-agent", "scaler"))
	c.monitor.waitWorkers(t, "a worker", 1)
	pid, agent := w.agent(t)
	checkTold(t, "the worker", agent, map[string]any{"event_loop": "uvloop"})
	files, _ := filepath.Glob(filepath.Join(w.folder, "installed-*"))
	if len(files) != 1 || filepath.Base(files[0]) != fmt.Sprintf("installed-%d", pid) {
		t.Errorf("uvloop was installed in %v, want in the worker (pid %d) alone", files, pid)
	}
	w.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
	os.Remove(filepath.Join(c.modules(t), "uvloop.py"))
}

// A decrease is honoured only once it was asked for that long.
func (c *cluster) honourCooldown(t *testing.T) {
	if c.release.number() < 2009 {
		return // schedulers of 1.26 name the workers that are to stop
	}
	for _, cooldown := range []struct {
		value    string
		enduring bool
	}{{"0", false}, {"8", true}} {
		m := c.startManager(t, "cooldown"+cooldown.value, dynamic("1", "--scale-down-cooldown-seconds", cooldown.value,
			"--heartbeat-interval-seconds", "1"))
		before := len(c.monitor.state.Ever)
		c.checkAdds(t)
		done := time.Now()
		c.monitor.wait(t, "a worker that came and went", connectTimeout, func(s *state) bool {
			return len(s.Ever) > before && len(s.Connected) == 0
		})
		if took := time.Since(done); (took >= 7*time.Second) != cooldown.enduring {
			t.Errorf("with a cooldown of %s s the worker was stopped %v after its task", cooldown.value, took)
		}
		m.end(t, syscall.SIGTERM)
	}
}

// Workers end by themselves when the scheduler does not answer, and are back when it does.
func (c *cluster) honourDeath(t *testing.T) {
	m := c.startManager(t, "death", fixed("1", "--death-timeout-seconds", "2", "--heartbeat-interval-seconds", "1"))
	c.monitor.waitWorkers(t, "a worker", 1)
	before := len(c.monitor.state.Ever)
	stopped := time.Now()
	stop := func(signal syscall.Signal) { _ = syscall.Kill(-c.scheduler.pid(), signal) } // in 1.26 it is three processes
	stop(syscall.SIGSTOP)
	_, ok := m.output.wait(regexp.MustCompile(`(?i)timeout when connect|no answer of the scheduler for`), 0, connectTimeout)
	took := time.Since(stopped)
	if !ok || took > 20*time.Second {
		t.Errorf("the worker has not ended by itself: %t after %v, want about 2 s", ok, took)
	}
	_, ok = m.output.wait(regexp.MustCompile(`(?i)scheduler does not answer`), 0, connectTimeout)
	stop(syscall.SIGCONT)
	if !ok {
		t.Error("the manager does not say that the scheduler does not answer")
	}
	c.monitor.wait(t, "another worker", connectTimeout, func(s *state) bool { return len(s.Ever) > before })
	m.end(t, syscall.SIGTERM)
}

func (c *cluster) monitorAddress() string { return "tcp://" + c.endpoint(2) }

// checkComplaint expects exactly one line of a kind, and no trace of a crash.
func checkComplaint(t *testing.T, p *process, pattern string) {
	t.Helper()
	var found []string
	for _, line := range p.output.whole(time.Second) {
		if regexp.MustCompile(pattern).MatchString(line) {
			found = append(found, line)
		}
		if wordsPanic.MatchString(line) {
			t.Errorf("%s crashes: %s", p.name, line)
		}
	}
	if len(found) != 1 {
		t.Errorf("%s has %d lines like %s, want 1: %q", p.name, len(found), pattern, found)
	}
}
