package integration

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Processors do as many tasks as they may and no more, and no task is lost or run twice.
func TestRecycleByTasks(t *testing.T) {
	const tasks, most = 1000, 10
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("2", "--worker-agent", "native", "--max-tasks-per-processor", strconv.Itoa(most)))
		w := c.startTasker(t)
		w.submitMany(t, tasks, "many", "sleep", 0)
		if o := w.await(t, "many"); o.Error != "" || o.Count != tasks {
			t.Errorf("%d results, %s: %s", o.Count, o.Error, o.Message)
		}
		perProcessor := map[int]int{}
		for _, pid := range w.runs("many") {
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
		// Each of the two workers may have one that has some left.
		if count := len(perProcessor); ran != tasks || count > tasks/most+1 || whole < count-2 {
			t.Errorf("%d tasks ran in %d processors, of which %d ran %d", ran, count, whole, most)
		}
		w.leave(t)
		m.end(t, syscall.SIGTERM)
		recycled := regexp.MustCompile(fmt.Sprintf(`stop Processor\[(\d+)\], reason: recycled after %d tasks`, most))
		for _, found := range recycled.FindAllStringSubmatch(m.output.String(), -1) {
			if pid, _ := strconv.Atoi(found[1]); perProcessor[pid] != most {
				t.Errorf("processor %d was replaced after %d tasks", pid, perProcessor[pid])
			}
			whole--
		}
		if whole != 0 {
			t.Errorf("%d processors have done their tasks and were not replaced", whole)
		}
	}, oldAndNew...)
}

// What one task leaves in its processor, the next ones may have, up to the limit.
func TestRecycleByMemory(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native", "--recycle-processor-memory", "150M"))
		w := c.startTasker(t)
		var pids []int
		for i := range 4 {
			name := fmt.Sprint("hoard ", i)
			w.submit(t, name, "hoard", 80<<20)
			pids = append(pids, w.value(t, name))
		}
		if pids[1] != pids[0] || pids[2] == pids[1] || pids[3] != pids[2] {
			t.Errorf("the tasks ran in the processors %v: want each in two", pids)
		}
		// The client has its result before the processor is weighed.
		for _, pid := range []int{pids[0], pids[2]} {
			line := fmt.Sprintf(`stop Processor\[%d\], reason: recycled with `, pid)
			if _, ok := m.output.wait(regexp.MustCompile(line), 0, connectTimeout); !ok {
				t.Errorf("processor %d was not replaced", pid)
			}
		}
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, oldAndNew...)
}

// One that is too old is replaced while it has nothing to do, and not before.
func TestRecycleByAge(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native", "--max-processor-age", "2"))
		w := c.startTasker(t)
		w.submit(t, "long", "sleep", 4)
		pid := w.value(t, "long")
		for _, what := range []string{"after its task", "idle"} {
			line := fmt.Sprintf(`stop Processor\[%d\], reason: recycled at an age of`, pid)
			if _, ok := m.output.wait(regexp.MustCompile(line), 0, connectTimeout); !ok {
				t.Fatalf("the processor %d is not replaced, %s", pid, what)
			}
			next := w.pid(t, what)
			if next == pid {
				t.Errorf("%s: the processor is not another one", what)
			}
			pid = next
		}
		w.checkOnce(t, "long")
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, oldAndNew...)
}

// Scaler's own agents replace nothing, which is said once.
func TestRecycleWithScalersAgents(t *testing.T) {
	c := newCluster(t, newest[0], layout{})
	m := c.startManager(t, "manager", fixed("1", "--worker-agent", "scaler", "--max-tasks-per-processor", "1", "--max-processor-age", "1"))
	c.checkAdds(t)
	if said := strings.Count(m.output.String(), "no effect of --max-processor-age, --max-tasks-per-processor"); said != 1 {
		t.Errorf("said %d times", said)
	}
	m.end(t, syscall.SIGTERM)
}

// The niceness of processors, spare ones too, comes to that of their worker, whoever its agent is.
func TestProcessorNice(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		for _, agent := range []string{"native", "scaler"} {
			c := newCluster(t, r, layout{})
			m := c.startManager(t, agent, fixed("1", "--worker-agent", agent, "--nice", "1", "--processor-nice", "4", "--logging-level", "DEBUG"))
			w := c.startTasker(t)
			own := niceness(t, 0)
			check := func(what string, pid, want int) {
				t.Helper()
				if got := niceness(t, pid); got != own+want {
					t.Errorf("%s agent: %s has niceness %d, want %d", agent, what, got, own+want)
				}
			}
			first := w.pid(t, "first")
			worker := parentOf(t, first)
			check("a processor", first, 5)
			check("its parent", worker, 1)
			check("the manager", m.pid(), 0)
			if agent == "native" {
				spare := m.spare(t)
				w.submit(t, "killed", "sleep", 600)
				kill(t, w.running(t, "killed"))
				if pid := w.pid(t, "second"); pid != spare {
					t.Errorf("the next task ran in %d, not in the spare processor %d", pid, spare)
				}
				check("a spare processor", spare, 5)
			}
			w.leave(t)
			m.end(t, syscall.SIGTERM)
		}
	}, oldAndNew...)
}
