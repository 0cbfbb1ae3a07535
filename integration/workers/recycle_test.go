package workers

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A processor runs at most as many tasks as the option says, and no task is lost or runs twice.
func TestRecycleByTasks(t *testing.T) {
	const tasks, most = 1000, 10
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("2", "--worker-agent", "native", "--max-tasks-per-processor",
			strconv.Itoa(most)))
		w := c.StartTasker(t)
		w.SubmitMany(t, tasks, "many", "sleep", 0)
		if o := w.Await(t, "many"); o.Error != "" || o.Count != tasks {
			t.Errorf("%d results, %s: %s", o.Count, o.Error, o.Message)
		}
		perProcessor := map[int]int{}
		for _, pid := range w.Runs("many") {
			perProcessor[pid]++
		}
		ran, whole := 0, 0
		for pid, count := range perProcessor {
			ran += count
			if count == most {
				whole++
			}
			if count > most {
				t.Errorf("processor %d ran %d tasks", pid, count)
			}
		}
		// Each of the two workers may have a processor with some left.
		if count := len(perProcessor); ran != tasks || count > tasks/most+1 || whole < count-2 {
			t.Errorf("%d tasks ran in %d processors, of which %d ran %d", ran, count, whole, most)
		}
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
		recycled := regexp.MustCompile(fmt.Sprintf(`stop Processor\[(\d+)\], reason: recycled after %d tasks`, most))
		for _, found := range recycled.FindAllStringSubmatch(m.Output.String(), -1) {
			if pid, _ := strconv.Atoi(found[1]); perProcessor[pid] != most {
				t.Errorf("processor %d was replaced after %d tasks", pid, perProcessor[pid])
			}
			whole--
		}
		if whole != 0 {
			t.Errorf("%d processors have done their tasks and were not replaced", whole)
		}
	}, cluster.OldAndNew...)
}

// Memory that tasks leave in their processor adds up to the limit; then the processor is replaced.
func TestRecycleByMemory(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--recycle-processor-memory",
			"150M"))
		w := c.StartTasker(t)
		var pids []int
		for i := range 4 {
			name := fmt.Sprint("hoard ", i)
			w.Submit(t, name, "hoard", 80<<20)
			pids = append(pids, w.Value(t, name))
		}
		if pids[1] != pids[0] || pids[2] == pids[1] || pids[3] != pids[2] {
			t.Errorf("the tasks ran in the processors %v: want each in two", pids)
		}
		// The client has its result before the memory of the processor is read.
		for _, pid := range []int{pids[0], pids[2]} {
			line := fmt.Sprintf(`stop Processor\[%d\], reason: recycled with `, pid)
			if _, ok := m.Output.Wait(regexp.MustCompile(line), 0, cluster.ConnectTimeout); !ok {
				t.Errorf("processor %d was not replaced", pid)
			}
		}
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.OldAndNew...)
}

// A processor that is too old is replaced once it is idle.
func TestRecycleByAge(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--max-processor-age", "2"))
		w := c.StartTasker(t)
		w.Submit(t, "long", "sleep", 4)
		pid := w.Value(t, "long")
		for _, what := range []string{"after its task", "idle"} {
			line := fmt.Sprintf(`stop Processor\[%d\], reason: recycled at an age of`, pid)
			if _, ok := m.Output.Wait(regexp.MustCompile(line), 0, cluster.ConnectTimeout); !ok {
				t.Fatalf("processor %d was not replaced, %s", pid, what)
			}
			next := w.PID(t, what)
			if next == pid {
				t.Errorf("%s: the processor is the same", what)
			}
			pid = next
		}
		w.CheckOnce(t, "long")
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.OldAndNew...)
}

// Scaler's own agents do not replace processors. The log says so once.
func TestRecycleWithScalersAgents(t *testing.T) {
	c := cluster.New(t, cluster.Newest[0], cluster.Layout{})
	m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "scaler", "--max-tasks-per-processor", "1",
		"--max-processor-age", "1"))
	c.CheckAdds(t)
	if said := strings.Count(m.Output.String(), "no effect of --max-processor-age, --max-tasks-per-processor"); said != 1 {
		t.Errorf("the log says it %d times, want once", said)
	}
	m.End(t, syscall.SIGTERM)
}

// Processors, with spare ones, have the niceness of the option on top of their worker's, with both agents.
func TestProcessorNice(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		for _, agent := range []string{"native", "scaler"} {
			c := cluster.New(t, r, cluster.Layout{})
			m := c.StartManager(t, agent, cluster.Fixed("1", "--worker-agent", agent, "--nice", "1", "--processor-nice", "4",
				"--logging-level", "DEBUG"))
			w := c.StartTasker(t)
			own := cluster.Niceness(t, 0)
			check := func(what string, pid, want int) {
				t.Helper()
				if got := cluster.Niceness(t, pid); got != own+want {
					t.Errorf("%s agent: %s has niceness %d, want %d", agent, what, got, own+want)
				}
			}
			first := w.PID(t, "first")
			worker := cluster.ParentOf(t, first)
			check("a processor", first, 5)
			check("its parent", worker, 1)
			check("the manager", m.PID(), 0)
			if agent == "native" {
				spare := awaitSpare(t, m)
				w.Submit(t, "killed", "sleep", 600)
				cluster.Kill(t, w.Running(t, "killed"))
				if pid := w.PID(t, "second"); pid != spare {
					t.Errorf("the next task ran in %d, not in the spare processor %d", pid, spare)
				}
				check("a spare processor", spare, 5)
			}
			w.Leave(t)
			m.End(t, syscall.SIGTERM)
		}
	}, cluster.OldAndNew...)
}
