package cluster

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

// A Tasker is a client that submits tasks when told, clients/agent_tasks.py.
type Tasker struct {
	*Process
	Folder string
	input  *json.Encoder
	skip   int // answers that were read
	Known  map[string]TaskOutcome
}

// A TaskOutcome is how a task ended.
type TaskOutcome struct {
	Name           string
	Value          any
	Error, Message string
	Count          int
	Ended          float64
}

// At is when the client got the result.
func (o TaskOutcome) At() time.Time { return time.UnixMicro(int64(o.Ended * 1e6)) }

// StartTasker starts a tasker and waits until it is connected.
func (c *Cluster) StartTasker(t *testing.T, more ...string) *Tasker {
	t.Helper()
	w := &Tasker{Folder: filepath.Join(c.Mark.Dir, "tasker"), Known: map[string]TaskOutcome{}}
	command := exec.Command(c.Release.Python(), append([]string{ClientScript("agent_tasks.py"), c.Address, w.Folder},
		more...)...)
	command.Dir = c.Mark.Dir
	command.Env = append(c.Mark.Environment(t, "client", "PYTHONUNBUFFERED=1"), c.Environment...)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	w.input = json.NewEncoder(input)
	w.Process = StartProcess(t, "tasker", command, true)
	var ready struct{}
	w.Answer(t, 0, &ready)
	w.skip = 1
	return w
}

func (w *Tasker) say(t *testing.T, what map[string]any) {
	t.Helper()
	if err := w.input.Encode(what); err != nil {
		t.Fatalf("the client does not listen: %v", err)
	}
}

// Submit submits one of the tasks of the script under a name.
func (w *Tasker) Submit(t *testing.T, name, task string, arguments ...any) {
	t.Helper()
	w.say(t, map[string]any{"submit": name, "task": task, "arguments": append([]any{}, arguments...)})
}

// SubmitMany submits a task count times; the name has the outcome of all.
func (w *Tasker) SubmitMany(t *testing.T, count int, name, task string, arguments ...any) {
	t.Helper()
	w.say(t, map[string]any{"submit": name, "task": task, "arguments": append([]any{}, arguments...), "count": count})
}

// Cancel cancels a task.
func (w *Tasker) Cancel(t *testing.T, name string) {
	t.Helper()
	w.say(t, map[string]any{"cancel": name})
}

// Leave has the client disconnect and end.
func (w *Tasker) Leave(t *testing.T) {
	t.Helper()
	w.say(t, map[string]any{"end": true})
	w.Finish(t)
}

// Await waits until a task has ended.
func (w *Tasker) Await(t *testing.T, name string) TaskOutcome {
	t.Helper()
	for {
		if o, ok := w.Known[name]; ok {
			return o
		}
		var o TaskOutcome
		w.Answer(t, w.skip, &o)
		w.skip++
		w.Known[o.Name] = o
	}
}

// Value waits for the result of a task, a number.
func (w *Tasker) Value(t *testing.T, name string) int {
	t.Helper()
	o := w.Await(t, name)
	if o.Error != "" {
		t.Errorf("task %s failed with %s: %s", name, o.Error, o.Message)
	}
	return Number(o.Value)
}

// PID runs a task that returns the pid of its processor.
func (w *Tasker) PID(t *testing.T, name string) int {
	t.Helper()
	w.Submit(t, name, "pid")
	return w.Value(t, name)
}

// Runs returns the processors that have begun a task so far.
func (w *Tasker) Runs(name string) (pids []int) {
	text, _ := os.ReadFile(filepath.Join(w.Folder, name))
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if pid, err := strconv.Atoi(strings.Split(line, " ")[0]); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Running waits until a task has begun, and returns its processor.
func (w *Tasker) Running(t *testing.T, name string) int {
	t.Helper()
	for deadline := time.Now().Add(ClientTimeout); ; time.Sleep(10 * time.Millisecond) {
		if pids := w.Runs(name); len(pids) > 0 {
			return pids[0]
		}
		if time.Now().After(deadline) {
			t.Fatalf("task %s has not begun", name)
		}
	}
}

// CheckOnce fails the test unless each task has run exactly once.
func (w *Tasker) CheckOnce(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if pids := w.Runs(name); len(pids) != 1 {
			t.Errorf("task %s ran %d times, want once", name, len(pids))
		}
	}
}

// CheckWithin fails the test if something took too long.
func CheckWithin(t *testing.T, what string, took, limit time.Duration) {
	t.Helper()
	t.Logf("%s: %.3f s", what, took.Seconds())
	if took > limit {
		t.Errorf("%s took %v, want %v at most", what, took, limit)
	}
}
