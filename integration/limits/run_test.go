package limits

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A looker is the client of all places: it has a task look around at the worker with a capability. It asks for that
// only once the worker has registered: a scheduler does nothing about later tasks while it has no worker for one.
type looker struct {
	*cluster.Process
	input   io.Writer
	workers *cluster.Process // tells which there are
}

func startLooker(t *testing.T, c *cluster.Cluster) *looker {
	t.Helper()
	command := exec.Command(c.Release.Python(), cluster.ClientScript("limits.py"), c.Address)
	command.Dir = c.Mark.Dir
	command.Env = append(c.Mark.Environment(t, "client", "PYTHONUNBUFFERED=1"), c.Environment...)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	l := &looker{cluster.StartProcess(t, "client", command, true), input,
		c.StartClient(t, "monitor.py", c.MonitorAddress())}
	var ready struct{}
	l.Answer(t, 0, &ready)
	return l
}

// A view is what a task has found.
type view struct {
	Name, Error string
	Value       map[string]any
}

// A run is one manager in a place, from its start to its end.
type run struct {
	*cluster.Manager
	cluster *cluster.Cluster
	ours    bool
	seen    *view // nil if no task ran
	status  int   // -1 if it had to be killed
	left    []cluster.Found
	lines   []string
}

const (
	// taskLimit is how long the first task may take, and how long a manager may take to give up.
	taskLimit = 50 * time.Second
	// endLimit is longer than the 10 s after which the manager kills a worker that does not stop.
	endLimit = 20 * time.Second
)

// start starts a manager in the place of a case. The environment of the case comes last.
func start(t *testing.T, c *cluster.Cluster, k limit, ours bool) *run {
	t.Helper()
	name, program := k.name, cluster.ManagerProgram(t, c.Release)
	if !ours {
		name, program = k.name+"_theirs", c.Release.Program("scaler_worker_manager")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	python, err := filepath.EvalSymlinks(c.Release.Python())
	if err != nil {
		t.Fatal(err)
	}
	environment, err := filepath.EvalSymlinks(filepath.Dir(filepath.Dir(c.Release.Python())))
	if err != nil {
		t.Fatal(err)
	}
	exposed := []string{filepath.Dir(filepath.Dir(python)), environment, filepath.Dir(program)}
	s := cluster.Setup{Program: self, Arguments: []string{"--per-worker-capabilities", name, "--worker-type", name}}
	s.Arguments = append(s.Arguments, k.arguments...)
	if !k.dynamic {
		s.Arguments = append(s.Arguments, "--mode", "fixed")
	}
	if k.workers == "" {
		k.workers = "1"
	}
	if k.workers != "default" {
		s.Arguments = append(s.Arguments, "--max-task-concurrency", k.workers)
	}
	s.Environment = append([]string{placeVariable + "=" + k.name, programVariable + "=" + program,
		exposeVariable + "=" + strings.Join(exposed, string(filepath.ListSeparator))}, k.environment...)
	if err := os.Chmod(c.Mark.Temporary(t, name), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	return &run{Manager: c.StartManager(t, name, s), cluster: c, ours: ours}
}

// work waits until a task has run at the manager, or the manager has ended.
func (r *run) work(t *testing.T, l *looker) {
	t.Helper()
	if r.await(l.workers, `\|`+r.Name+`\|`) == "" {
		return
	}
	say := func(text string) {
		if _, err := fmt.Fprintln(l.input, text); err != nil {
			t.Fatal(err)
		}
	}
	say(r.Name)
	line := r.await(l.Process, `"name": "`+r.Name+`"`)
	if line == "" {
		say("-" + r.Name)
		return
	}
	r.seen = &view{}
	if err := json.Unmarshal([]byte(line), r.seen); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
}

// await waits for what a client prints, until the manager has ended or time is up.
func (r *run) await(p *cluster.Process, pattern string) (line string) {
	found := make(chan string, 1)
	go func() {
		line, _ := p.Answers.Wait(regexp.MustCompile(pattern), 0, taskLimit)
		found <- line
	}()
	select {
	case line = <-found:
	case <-r.Ended:
	}
	return line
}

// stop ends the manager with a signal if it still runs, and notes what is left.
func (r *run) stop(signal syscall.Signal) {
	if r.Running() {
		r.Signal(signal)
	}
	status, ok := r.Wait(endLimit)
	if !ok {
		status = -1
	}
	r.left = cluster.AwaitNone(r.Mark, cluster.LeakGrace, r.Name)
	r.Kill()
	for _, process := range r.left {
		_ = syscall.Kill(process.Pid, syscall.SIGKILL)
	}
	r.status, r.lines = status, r.Output.Whole(time.Second)
}

var trouble = regexp.MustCompile(`WARN|EROR|ERROR|CRIT|Traceback|[Ww]arning:|panic:|fatal error|[Ee]rror:`)

// complaints are the lines of the log that tell of trouble.
func (r *run) complaints() (list []string) {
	for _, line := range r.lines {
		if trouble.MatchString(line) {
			list = append(list, line)
		}
	}
	return list
}

// outcome describes a run in a few words, for the table.
func (r *run) outcome() string {
	var parts []string
	switch {
	case r.seen == nil && r.status > 0:
		parts = append(parts, fmt.Sprintf("does not start, status %d", r.status))
	case r.seen == nil:
		parts = append(parts, "no task runs")
	case r.seen.Error != "":
		parts = append(parts, "the task fails: "+r.seen.Error)
	default:
		parts = append(parts, "works")
	}
	switch {
	case r.status == -1:
		parts = append(parts, "does not stop on SIGTERM")
	case r.seen != nil && r.status != 0:
		parts = append(parts, fmt.Sprintf("ends with status %d", r.status))
	}
	if len(r.left) > 0 {
		parts = append(parts, fmt.Sprintf("leaves %d processes", len(r.left)))
	}
	return strings.Join(parts, "; ")
}
