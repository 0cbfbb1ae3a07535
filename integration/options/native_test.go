package options

import (
	"fmt"
	"regexp"
	"strconv"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Options that Scaler does not have do what they say.
func TestNativeHonoured(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		runParts(t, c, []part{
			{"machine", honourMachine},
			{"spawned", honourSpawned},
			{"slots", honourSlots},
			{"memory limit", honourMemoryLimit},
			{"restart", honourRestart},
			{"stop timeout", honourStopTimeout},
			{"drain timeout", honourDrainTimeout},
			{"unresponsive timeout", honourUnresponsiveTimeout},
			{"python", honourPython},
			{"reconnect timeout", honourReconnectTimeout},
		})
	}, cluster.OldAndNew...)
}

// A worker and its processor get the priority of the option, and the manager keeps its own.
func honourMachine(t *testing.T, c *cluster.Cluster) {
	own := cluster.Niceness(t, 0)
	w := startWitness(t, c, "machine", cluster.Fixed("1", "--nice", "3", "--oom-score-adj", "300", "--worker-env",
		"PLAIN=a b=c"))
	pid, _ := w.agent(t)
	told := processor(t, c)
	cluster.CheckFields(t, "the processor", told, map[string]any{"niceness": own + 3, "oom_score_adj": 300})
	cluster.CheckFields(t, "the environment", told["environment"].(map[string]any), map[string]any{"PLAIN": "a b=c"})
	if worker, manager := cluster.Niceness(t, pid), cluster.Niceness(t, w.PID()); worker != own+3 || manager != own {
		t.Errorf("niceness %d of the worker, %d of the manager; want %d and %d", worker, manager, own+3, own)
	}
	if score := cluster.Content(t, fmt.Sprintf("/proc/%d/oom_score_adj", pid)); score != "300" {
		t.Errorf("the worker's oom_score_adj is %s, want 300", score)
	}
	w.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// A host with threads cannot fork. Workers in interpreters of their own get the same settings.
func honourSpawned(t *testing.T, c *cluster.Cluster) {
	c.AddModule(t, "threaded", "import threading\n\n"+
		"threading.Thread(target=threading.Event().wait, daemon=True).start()\n")
	s := cluster.Fixed("1", "--warm-imports", "threaded", "--nice", "3", "--worker-env", "SLOT={slot}")
	s.Environment = []string{"PYTHONPATH=" + c.Modules(t), "PYTHONDONTWRITEBYTECODE=1"}
	m := c.StartManager(t, "spawned", s)
	if _, ok := m.Output.Wait(regexp.MustCompile(`not forked but spawned`), 0, cluster.ConnectTimeout); !ok {
		t.Error("the manager does not say that its workers are spawned")
	}
	c.Monitor.WaitWorkers(t, "a worker", 1)
	told := processor(t, c)
	cluster.CheckFields(t, "the processor", told, map[string]any{"niceness": cluster.Niceness(t, 0) + 3})
	cluster.CheckFields(t, "the environment", told["environment"].(map[string]any), map[string]any{"SLOT": "0"})
	m.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// Two workers in two slots: each has a CPU and a number of its own.
func honourSlots(t *testing.T, c *cluster.Cluster) {
	var all []struct {
		Value string
		CPUs  []int
	}
	m := c.StartManager(t, "slots", cluster.Fixed("2", "--cpu-affinity", "0-1", "--worker-env", "SLOT={slot}"))
	c.Monitor.WaitWorkers(t, "2 workers", 2)
	c.Ask(t, &all, "places.py", "6", "SLOT")
	seen := map[string]int{}
	for _, place := range all {
		seen[place.Value]++
		if len(place.CPUs) != 1 || strconv.Itoa(place.CPUs[0]) != place.Value {
			t.Errorf("a task in slot %s runs on CPUs %v, want the one of its slot", place.Value, place.CPUs)
		}
	}
	if seen["0"] == 0 || seen["1"] == 0 || len(seen) != 2 {
		t.Errorf("tasks ran in the slots %v, want 0 and 1", seen)
	}
	m.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// A task that takes too much memory fails, and the same worker goes on.
func honourMemoryLimit(t *testing.T, c *cluster.Cluster) {
	m := c.StartManager(t, "memory", cluster.Fixed("1", "--worker-memory-limit", "300M"))
	c.Monitor.WaitWorkers(t, "a worker", 1)
	before := len(c.Monitor.State.Ever)
	var answer struct {
		Error string
		Next  int
	}
	c.Ask(t, &answer, "greedy.py")
	if answer.Error != "ProcessorDiedError" || answer.Next == 0 {
		t.Errorf("the greedy task ended with %q, the next one ran in process %d; want ProcessorDiedError and another",
			answer.Error, answer.Next)
	}
	if _, ok := m.Output.Wait(regexp.MustCompile(`more than its 300.*of memory: killing its processor`), 0,
		cluster.ConnectTimeout); !ok {
		t.Error("the manager does not say why the processor was killed")
	}
	if c.Monitor.Drain(); len(c.Monitor.State.Ever) != before {
		t.Error("the worker was replaced, want it to go on")
	}
	m.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// With the option, a killed worker is replaced. Without it, a manager with a single worker ends.
func honourRestart(t *testing.T, c *cluster.Cluster) {
	w := startWitness(t, c, "restart", cluster.Fixed("1", "--restart", "on-failure"))
	c.Monitor.WaitWorkers(t, "a worker", 1)
	first, _ := w.agent(t)
	w.AwaitKnown(t)
	cluster.Kill(t, first)
	w.agents(t, 2)
	c.CheckAdds(t)
	w.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)

	w = startWitness(t, c, "norestart", cluster.Fixed("1"))
	c.Monitor.WaitWorkers(t, "a worker", 1)
	first, _ = w.agent(t)
	w.AwaitKnown(t)
	cluster.Kill(t, first)
	if status, ok := w.Wait(cluster.ConnectTimeout); !ok || status != 1 {
		t.Errorf("the manager of a worker that failed ended with status %d (%t), want 1", status, ok)
	}
	if count := len(w.told(t)); count != 1 {
		t.Errorf("%d workers were started, want 1", count)
	}
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// The option has precedence over the variable.
func honourPython(t *testing.T, c *cluster.Cluster) {
	s := cluster.Fixed("1", "--python", c.Release.Python())
	s.Python = "/nonexistent/python"
	m := c.StartManager(t, "python", s)
	cluster.CheckFields(t, "the processor", processor(t, c), map[string]any{"executable": c.Release.Python()})
	m.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}
