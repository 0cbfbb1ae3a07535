package integration

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The oldest generation of the wire and the newest, and the last one that said goodbye otherwise.
var agentReleases = []release{"1.26.6", "2.6.0", "2.9.0"}

// A tasker is clients/agent_tasks.py at work.
type tasker struct {
	*process
	folder string
	input  *json.Encoder
	skip   int // answers that were read
	known  map[string]outcomeOfTask
}

type outcomeOfTask struct {
	Name           string
	Value          any
	Error, Message string
	Count          int
	Ended          float64
}

// at is when the client had it.
func (o outcomeOfTask) at() time.Time { return time.UnixMicro(int64(o.Ended * 1e6)) }

func (c *cluster) startTasker(t *testing.T, more ...string) *tasker {
	t.Helper()
	script, err := filepath.Abs("clients/agent_tasks.py")
	if err != nil {
		t.Fatal(err)
	}
	w := &tasker{folder: filepath.Join(c.mark.dir, "tasker"), known: map[string]outcomeOfTask{}}
	command := exec.Command(c.release.python(), append([]string{script, c.address, w.folder}, more...)...)
	command.Dir = c.mark.dir
	command.Env = append(c.mark.environment(t, "client", "PYTHONUNBUFFERED=1"), c.environment...)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.input = json.NewEncoder(input)
	w.process = start(t, "tasker", command, true)
	var ready struct{}
	w.answer(t, 0, &ready)
	w.skip = 1
	return w
}

func (w *tasker) say(t *testing.T, what map[string]any) {
	t.Helper()
	if err := w.input.Encode(what); err != nil {
		t.Fatalf("the client does not listen: %v", err)
	}
}

func (w *tasker) submit(t *testing.T, name, task string, arguments ...any) {
	t.Helper()
	w.say(t, map[string]any{"submit": name, "task": task, "arguments": append([]any{}, arguments...)})
}

func (w *tasker) submitMany(t *testing.T, count int, name, task string, arguments ...any) {
	t.Helper()
	w.say(t, map[string]any{"submit": name, "task": task, "arguments": append([]any{}, arguments...), "count": count})
}

func (w *tasker) cancel(t *testing.T, name string) {
	t.Helper()
	w.say(t, map[string]any{"cancel": name})
}

// leave ends the client by its own means.
func (w *tasker) leave(t *testing.T) {
	t.Helper()
	w.say(t, map[string]any{"end": true})
	w.finish(t)
}

// await waits for the end of a task.
func (w *tasker) await(t *testing.T, name string) outcomeOfTask {
	t.Helper()
	for {
		if o, ok := w.known[name]; ok {
			return o
		}
		var o outcomeOfTask
		w.answer(t, w.skip, &o)
		w.skip++
		w.known[o.Name] = o
	}
}

// value waits for a task that must succeed with a number.
func (w *tasker) value(t *testing.T, name string) int {
	t.Helper()
	o := w.await(t, name)
	if o.Error != "" {
		t.Errorf("task %s failed with %s: %s", name, o.Error, o.Message)
	}
	return number(o.Value)
}

// pid runs a task that tells its processor.
func (w *tasker) pid(t *testing.T, name string) int {
	t.Helper()
	w.submit(t, name, "pid")
	return w.value(t, name)
}

// runs is the processors that have begun to execute a task so far.
func (w *tasker) runs(name string) (pids []int) {
	text, _ := os.ReadFile(filepath.Join(w.folder, name))
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if pid, err := strconv.Atoi(strings.Split(line, " ")[0]); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// running waits until a task has begun, and returns its processor.
func (w *tasker) running(t *testing.T, name string) int {
	t.Helper()
	for deadline := time.Now().Add(clientTimeout); ; time.Sleep(10 * time.Millisecond) {
		if pids := w.runs(name); len(pids) > 0 {
			return pids[0]
		}
		if time.Now().After(deadline) {
			t.Fatalf("task %s has not begun", name)
		}
	}
}

// checkOnce wants a task to have been executed once.
func (w *tasker) checkOnce(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if pids := w.runs(name); len(pids) != 1 {
			t.Errorf("task %s was executed %d times, want once", name, len(pids))
		}
	}
}

// parentOf is the worker of a processor.
func parentOf(t *testing.T, pid int) int {
	t.Helper()
	s, ok := readStat(pid)
	if !ok {
		t.Fatalf("process %d is gone", pid)
	}
	return s.parent
}

// checkWithin fails the test when something took too long.
func checkWithin(t *testing.T, what string, took, limit time.Duration) {
	t.Helper()
	t.Logf("%s: %.3f s", what, took.Seconds())
	if took > limit {
		t.Errorf("%s took %v, want %v at most", what, took, limit)
	}
}

// removeClients removes the sockets of clients that were killed inside tasks: they are the tasks' own.
func (m *manager) removeClients(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(m.mark.temporary(t, m.name), "scaler_client_*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		os.Remove(path)
	}
}
