package integration

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// The options that Scaler does not have do what they say.
func TestNativeHonoured(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{policy: policyVanilla})
		runParts(t, []part{
			{"machine", c.honourMachine},
			{"spawned", c.honourSpawned},
			{"slots", c.honourSlots},
			{"memory limit", c.honourMemoryLimit},
			{"restart", c.honourRestart},
			{"stop timeout", c.honourStopTimeout},
			{"drain timeout", c.honourDrainTimeout},
			{"unresponsive timeout", c.honourUnresponsiveTimeout},
			{"python", c.honourPython},
			{"reconnect timeout", c.honourReconnectTimeout},
		})
	}, honouring...)
}

// A worker and its processor get the priority that is asked for, and the manager keeps its own.
func (c *cluster) honourMachine(t *testing.T) {
	own := niceness(t, 0)
	w := c.startWitness(t, "machine", fixed("1", "--nice", "3", "--oom-score-adj", "300", "--worker-env", "PLAIN=a b=c"))
	pid, _ := w.agent(t)
	told := c.processor(t)
	checkTold(t, "the processor", told, map[string]any{"niceness": own + 3, "oom_score_adj": 300})
	checkTold(t, "the environment", told["environment"].(map[string]any), map[string]any{"PLAIN": "a b=c"})
	if worker, manager := niceness(t, pid), niceness(t, w.pid()); worker != own+3 || manager != own {
		t.Errorf("niceness %d of the worker, %d of the manager; want %d and %d", worker, manager, own+3, own)
	}
	if score := content(t, fmt.Sprintf("/proc/%d/oom_score_adj", pid)); score != "300" {
		t.Errorf("the worker's score for the out of memory killer is %s, want 300", score)
	}
	w.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// A host that has threads cannot fork; workers in interpreters of their own get the same.
func (c *cluster) honourSpawned(t *testing.T) {
	c.addModule(t, "threaded", "import threading\n\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n")
	s := fixed("1", "--warm-imports", "threaded", "--nice", "3", "--worker-env", "SLOT={slot}")
	s.environment = []string{"PYTHONPATH=" + c.modules(t), "PYTHONDONTWRITEBYTECODE=1"}
	m := c.startManager(t, "spawned", s)
	if _, ok := m.output.wait(regexp.MustCompile(`not forked but spawned`), 0, connectTimeout); !ok {
		t.Error("the manager does not say that its workers are spawned")
	}
	c.monitor.waitWorkers(t, "a worker", 1)
	told := c.processor(t)
	checkTold(t, "the processor", told, map[string]any{"niceness": niceness(t, 0) + 3})
	checkTold(t, "the environment", told["environment"].(map[string]any), map[string]any{"SLOT": "0"})
	m.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// Two workers in two slots: each has a CPU and a number of its own.
func (c *cluster) honourSlots(t *testing.T) {
	var all []struct {
		Value string
		CPUs  []int
	}
	m := c.startManager(t, "slots", fixed("2", "--cpu-affinity", "0-1", "--worker-env", "SLOT={slot}"))
	c.monitor.waitWorkers(t, "2 workers", 2)
	c.ask(t, &all, "places.py", "6", "SLOT")
	seen := map[string]int{}
	for _, place := range all {
		seen[place.Value]++
		if len(place.CPUs) != 1 || strconv.Itoa(place.CPUs[0]) != place.Value {
			t.Errorf("a task in slot %s runs on CPUs %v, want that one of 0 and 1", place.Value, place.CPUs)
		}
	}
	if seen["0"] == 0 || seen["1"] == 0 || len(seen) != 2 {
		t.Errorf("tasks ran in the slots %v, want 0 and 1", seen)
	}
	m.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// The task that takes too much fails, and the same worker goes on.
func (c *cluster) honourMemoryLimit(t *testing.T) {
	m := c.startManager(t, "memory", fixed("1", "--worker-memory-limit", "300M"))
	c.monitor.waitWorkers(t, "a worker", 1)
	before := len(c.monitor.state.Ever)
	var answer struct {
		Error string
		Next  int
	}
	c.ask(t, &answer, "greedy.py")
	if answer.Error != "ProcessorDiedError" || answer.Next == 0 {
		t.Errorf("the greedy task ended with %q, the next one ran in process %d; want ProcessorDiedError and another", answer.Error, answer.Next)
	}
	if _, ok := m.output.wait(regexp.MustCompile(`more than its 300.*of memory: killing its processor`), 0, connectTimeout); !ok {
		t.Error("the manager does not say why the processor was killed")
	}
	if c.monitor.drain(); len(c.monitor.state.Ever) != before {
		t.Error("the worker was replaced, want it to live on")
	}
	m.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// A worker that is killed is replaced with the option, and the manager of a single one ends without it.
func (c *cluster) honourRestart(t *testing.T) {
	w := c.startWitness(t, "restart", fixed("1", "--restart", "on-failure"))
	c.monitor.waitWorkers(t, "a worker", 1)
	first, _ := w.agent(t)
	w.awaitKnown(t)
	kill(t, first)
	w.agents(t, 2)
	c.checkAdds(t)
	w.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)

	w = c.startWitness(t, "norestart", fixed("1"))
	c.monitor.waitWorkers(t, "a worker", 1)
	first, _ = w.agent(t)
	w.awaitKnown(t)
	kill(t, first)
	if status, ok := w.wait(connectTimeout); !ok || status != 1 {
		t.Errorf("the manager of a worker that failed ended with status %d (%t), want 1", status, ok)
	}
	if count := len(w.told(t)); count != 1 {
		t.Errorf("%d workers were started, want 1", count)
	}
	c.monitor.waitWorkers(t, "no worker", 0)
}

// The option comes before the variable.
func (c *cluster) honourPython(t *testing.T) {
	s := fixed("1", "--python", c.release.python())
	s.python = "/nonexistent/python"
	m := c.startManager(t, "python", s)
	checkTold(t, "the processor", c.processor(t), map[string]any{"executable": c.release.python()})
	m.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// awaitKnown waits until the manager knows what the scheduler knows: that its workers have registered.
func (m *manager) awaitKnown(t *testing.T) {
	t.Helper()
	if _, ok := m.output.wait(regexp.MustCompile(`all \d+ workers registered`), 0, connectTimeout); !ok {
		t.Fatalf("%s does not say that its workers have registered", m.name)
	}
}

// niceness is that of a process, 0 being this one.
func niceness(t *testing.T, pid int) int {
	t.Helper()
	priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, pid) // 20 less the niceness, as the system call has it
	if err != nil {
		t.Fatal(err)
	}
	return 20 - priority
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("cannot kill process %d: %v", pid, err)
	}
}

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
