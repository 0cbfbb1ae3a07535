package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

type stacksShown struct {
	Worker     string
	Processors []struct {
		Pid         int
		Text, Error string
	}
}

// stacks asks a manager for the stacks of a worker.
func stacks(t *testing.T, socket string, worker int) (s stacksShown) {
	t.Helper()
	answer := get(t, socket, fmt.Sprintf("/workers/%d/stacks", worker))
	if answer.StatusCode != http.StatusOK {
		t.Errorf("status %d", answer.StatusCode)
	}
	if err := json.NewDecoder(answer.Body).Decode(&s); err != nil {
		t.Error(err)
	}
	return s
}

// checkStack fails the test unless the only processor of a worker is in a function.
func checkStack(t *testing.T, socket string, worker, processor int, function string) {
	t.Helper()
	s := stacks(t, socket, worker)
	if len(s.Processors) != 1 || s.Processors[0].Pid != processor || s.Processors[0].Error != "" ||
		!strings.Contains(s.Processors[0].Text, " in "+function+"\n") {
		t.Errorf("the processor %d should be in %s: %+v", processor, function, s)
	}
}

// Stacks can be read as often as one likes, and the task does not notice.
func TestStacks(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		for _, agent := range []string{"native", "scaler"} {
			c := cluster.New(t, r, cluster.Layout{})
			m, socket := controlled(t, c, cluster.Fixed("2", "--worker-agent", agent, "--spare-processors", "0"))
			awaitSocket(t, m, socket)
			w := c.StartTasker(t)
			workerOf := func(processor int) int {
				if agent == "scaler" {
					return cluster.ParentOf(t, cluster.ParentOf(t, processor))
				}
				return cluster.ParentOf(t, processor)
			}
			functions := []string{"sleep", "spin"}
			processors := map[string]int{}
			for _, function := range functions {
				w.Submit(t, function, function, 5)
				processors[function] = w.Running(t, function)
			}
			for range 10 {
				for _, function := range functions {
					checkStack(t, socket, workerOf(processors[function]), processors[function], function)
				}
			}
			for _, function := range functions {
				if pid := w.Value(t, function); pid != processors[function] {
					t.Errorf("%s: the result is %d, want %d", function, pid, processors[function])
				}
			}
			w.CheckOnce(t, functions...)

			// A hundred, ten at a time, while tasks come and go.
			w.SubmitMany(t, 500, "many", "sleep", 0)
			w.Running(t, "many")
			var asking sync.WaitGroup
			for i := range 10 {
				worker := workerOf(processors[functions[i%2]])
				asking.Add(1)
				go func() {
					defer asking.Done()
					for range 10 {
						if s := stacks(t, socket, worker); len(s.Processors) != 1 || s.Processors[0].Error != "" ||
							!strings.Contains(s.Processors[0].Text, "most recent call first") {
							t.Errorf("under load: %+v", s)
						}
					}
				}()
			}
			asking.Wait()
			if o := w.Await(t, "many"); o.Error != "" || o.Count != 500 || len(w.Runs("many")) != 500 {
				t.Errorf("%d results of %d runs, %s: %s", o.Count, len(w.Runs("many")), o.Error, o.Message)
			}
			if pid := w.PID(t, "last"); pid != processors["sleep"] && pid != processors["spin"] {
				t.Errorf("the last task ran in another processor, %d, want one of %v", pid, processors)
			}
			if answer := get(t, socket, "/workers/1/stacks"); answer.StatusCode != http.StatusNotFound {
				t.Errorf("stacks of an unknown worker: status %d", answer.StatusCode)
			}
			w.Leave(t)
			m.End(t, syscall.SIGTERM)
		}
	}, cluster.OldAndNew...)
}

// C code that does not return to Python delays the stacks, but not for long.
func TestStacksInC(t *testing.T) {
	c := cluster.New(t, cluster.Newest[0], cluster.Layout{})
	m, socket := controlled(t, c, cluster.Fixed("1", "--spare-processors", "0"))
	awaitSocket(t, m, socket)
	w := c.StartTasker(t)
	w.Submit(t, "c", "wait_in_c", 5)
	processor := w.Running(t, "c")
	for range 2 {
		s := stacks(t, socket, cluster.ParentOf(t, processor))
		if len(s.Processors) != 1 || s.Processors[0].Error != "" ||
			!strings.Contains(s.Processors[0].Text, " in wait_in_c\n") ||
			!strings.Contains(s.Processors[0].Text, "is in C code") {
			t.Errorf("%+v", s)
		}
	}
	if pid := w.Value(t, "c"); pid != processor {
		t.Errorf("the result is %d, want %d", pid, processor)
	}
	w.Leave(t)
	m.End(t, syscall.SIGTERM)
}

// A suspended processor shows where it waits, unless it is stopped.
func TestStacksOfSuspended(t *testing.T) {
	for _, hard := range []bool{false, true} {
		c := cluster.New(t, cluster.Newest[0], cluster.Layout{})
		s := cluster.Fixed("1", "--worker-agent", "native", "--spare-processors", "0")
		if hard {
			s.Arguments = append(s.Arguments, "--hard-processor-suspend")
		}
		m, socket := controlled(t, c, s)
		awaitSocket(t, m, socket)
		w := c.StartTasker(t)
		w.Submit(t, "outer", "outer", c.Address, 3)
		outer, inner := w.Running(t, "outer"), w.Running(t, "outer.inner")
		told := map[int]string{}
		for _, p := range stacks(t, socket, cluster.ParentOf(t, inner)).Processors {
			told[p.Pid] = p.Text + p.Error
		}
		want := " in outer\n"
		if hard {
			want = "it is stopped"
		}
		if len(told) != 2 || !strings.Contains(told[outer], want) || !strings.Contains(told[inner], " in sleep\n") {
			t.Errorf("hard: %v: %q", hard, told)
		}
		w.Await(t, "outer")
		w.CheckOnce(t, "outer", "outer.inner")
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}
}
