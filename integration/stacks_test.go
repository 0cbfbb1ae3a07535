package integration

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
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

// checkStack wants the only processor of a worker to be in a function.
func checkStack(t *testing.T, socket string, worker, processor int, function string) {
	t.Helper()
	s := stacks(t, socket, worker)
	if len(s.Processors) != 1 || s.Processors[0].Pid != processor || s.Processors[0].Error != "" ||
		!strings.Contains(s.Processors[0].Text, " in "+function+"\n") {
		t.Errorf("the processor %d should be in %s: %+v", processor, function, s)
	}
}

// What a task is doing can be asked for as often as one likes, and the task notices nothing.
func TestStacks(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		for _, agent := range []string{"native", "scaler"} {
			c := newCluster(t, r, layout{})
			m, socket := c.controlled(t, fixed("2", "--worker-agent", agent, "--spare-processors", "0"))
			awaitSocket(t, m, socket)
			w := c.startTasker(t)
			workerOf := func(processor int) int {
				if agent == "scaler" {
					return parentOf(t, parentOf(t, processor))
				}
				return parentOf(t, processor)
			}
			functions := []string{"sleep", "spin"}
			processors := map[string]int{}
			for _, function := range functions {
				w.submit(t, function, function, 5)
				processors[function] = w.running(t, function)
			}
			for range 10 {
				for _, function := range functions {
					checkStack(t, socket, workerOf(processors[function]), processors[function], function)
				}
			}
			for _, function := range functions {
				if pid := w.value(t, function); pid != processors[function] {
					t.Errorf("%s: the result is %d, want %d", function, pid, processors[function])
				}
			}
			w.checkOnce(t, functions...)

			// A hundred, ten at a time, while tasks come and go.
			w.submitMany(t, 500, "many", "sleep", 0)
			w.running(t, "many")
			var asking sync.WaitGroup
			for i := range 10 {
				worker := workerOf(processors[functions[i%2]])
				asking.Add(1)
				go func() {
					defer asking.Done()
					for range 10 {
						if s := stacks(t, socket, worker); len(s.Processors) != 1 || s.Processors[0].Error != "" || !strings.Contains(s.Processors[0].Text, "most recent call first") {
							t.Errorf("under load: %+v", s)
						}
					}
				}()
			}
			asking.Wait()
			if o := w.await(t, "many"); o.Error != "" || o.Count != 500 || len(w.runs("many")) != 500 {
				t.Errorf("%d results of %d runs, %s: %s", o.Count, len(w.runs("many")), o.Error, o.Message)
			}
			if pid := w.pid(t, "last"); pid != processors["sleep"] && pid != processors["spin"] {
				t.Errorf("the last task ran in another processor: %d, and not %v", pid, processors)
			}
			if answer := get(t, socket, "/workers/1/stacks"); answer.StatusCode != http.StatusNotFound {
				t.Errorf("of a worker that there is not: status %d", answer.StatusCode)
			}
			w.leave(t)
			m.end(t, syscall.SIGTERM)
		}
	}, oldAndNew...)
}

// Code in C that does not return to Python is waited for, but not for long.
func TestStacksInC(t *testing.T) {
	c := newCluster(t, newest[0], layout{})
	m, socket := c.controlled(t, fixed("1", "--spare-processors", "0"))
	awaitSocket(t, m, socket)
	w := c.startTasker(t)
	w.submit(t, "c", "wait_in_c", 5)
	processor := w.running(t, "c")
	for range 2 {
		s := stacks(t, socket, parentOf(t, processor))
		if len(s.Processors) != 1 || s.Processors[0].Error != "" ||
			!strings.Contains(s.Processors[0].Text, " in wait_in_c\n") ||
			!strings.Contains(s.Processors[0].Text, "is in C code") {
			t.Errorf("%+v", s)
		}
	}
	if pid := w.value(t, "c"); pid != processor {
		t.Errorf("the result is %d, want %d", pid, processor)
	}
	w.leave(t)
	m.end(t, syscall.SIGTERM)
}

// A processor that is suspended tells where it waits, unless it is stopped.
func TestStacksOfSuspended(t *testing.T) {
	for _, hard := range []bool{false, true} {
		c := newCluster(t, newest[0], layout{})
		s := fixed("1", "--worker-agent", "native", "--spare-processors", "0")
		if hard {
			s.arguments = append(s.arguments, "--hard-processor-suspend")
		}
		m, socket := c.controlled(t, s)
		awaitSocket(t, m, socket)
		w := c.startTasker(t)
		w.submit(t, "outer", "outer", c.address, 3)
		outer, inner := w.running(t, "outer"), w.running(t, "outer.inner")
		told := map[int]string{}
		for _, p := range stacks(t, socket, parentOf(t, inner)).Processors {
			told[p.Pid] = p.Text + p.Error
		}
		want := " in outer\n"
		if hard {
			want = "it is stopped"
		}
		if len(told) != 2 || !strings.Contains(told[outer], want) || !strings.Contains(told[inner], " in sleep\n") {
			t.Errorf("hard: %v: %q", hard, told)
		}
		w.await(t, "outer")
		w.checkOnce(t, "outer", "outer.inner")
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}
}
