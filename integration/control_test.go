package integration

import (
	"bufio"
	"context"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// shown is what these tests read of a manager's state.
type shown struct {
	ID, Phase, Mode, Scaler, Agent string
	MemoryKind                     string `json:"memory_kind"`
	Scheduler                      struct {
		Protocol  string
		Connected bool
	}
	Workers struct {
		Desired, Registered, Busy, Started, Failed int
		Deaths                                     map[string]int
	}
	Tasks   tasksShown
	Runs    struct{ Counts []int } `json:"task_durations"`
	Members []struct {
		ID, State  string
		Pid        int
		Memory     int
		Tasks      tasksShown
		Processors []struct {
			Pid    int
			State  string
			Memory int
			Task   *struct{ ID string }
		}
	}
}

type tasksShown struct{ Queued, Running, Succeeded, Failed, Cancelled, Died int }

// controlled starts a manager with a control socket, and returns the socket's path.
func (c *cluster) controlled(t *testing.T, s setup) (m *manager, socket string) {
	t.Helper()
	socket = filepath.Join(c.mark.dir, "control")
	s.arguments = append(s.arguments, "--control-socket", socket)
	return c.startManager(t, "manager", s), socket
}

// get asks a manager, and fails the test unless it answers.
func get(t *testing.T, socket, path string) *http.Response {
	t.Helper()
	client := http.Client{Timeout: connectTimeout, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) },
	}}
	answer, err := client.Get("http://manager/v1" + path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	return answer
}

// awaitShown asks for the state until it is as wanted.
func awaitShown(t *testing.T, socket, what string, wanted func(shown) bool) (s shown) {
	t.Helper()
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(20 * time.Millisecond) {
		s = shown{}
		if err := json.NewDecoder(get(t, socket, "/status").Body).Decode(&s); err != nil {
			t.Fatal(err)
		}
		if wanted(s) {
			return s
		}
		if time.Now().After(deadline) {
			t.Fatalf("not %s: %+v", what, s)
		}
	}
}

// awaitSocket waits until a manager listens.
func awaitSocket(t *testing.T, m *manager, socket string) {
	t.Helper()
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(20 * time.Millisecond) {
		if connection, err := net.Dial("unix", socket); err == nil {
			connection.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen at its control socket", m.name)
		}
	}
}

// TestControlStatus compares what a manager says of itself with what its client knows.
func TestControlStatus(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m, socket := c.controlled(t, fixed("2", "--worker-agent", "native"))
		awaitSocket(t, m, socket)
		if info, err := os.Lstat(socket); err != nil || info.Mode() != fs.ModeSocket|0o600 {
			t.Errorf("the socket is %v, %v", info.Mode(), err)
		}
		s := awaitShown(t, socket, "serving", func(s shown) bool { return s.Workers.Registered == 2 })
		if s.ID != m.name || s.Phase != "serving" || s.Mode != "fixed" || s.Scaler != string(r) || s.Agent != "native" ||
			!s.Scheduler.Connected || s.Scheduler.Protocol == "" || s.Workers.Desired != 2 || s.Workers.Started != 2 {
			t.Errorf("the state: %+v", s)
		}

		w := c.startTasker(t)
		w.submitMany(t, 20, "good", "pid")
		w.submitMany(t, 3, "bad", "fail")
		w.await(t, "good")
		w.await(t, "bad")
		w.submit(t, "cancelled", "sleep", 600)
		w.running(t, "cancelled")
		w.cancel(t, "cancelled")
		w.await(t, "cancelled")
		w.submit(t, "killed", "sleep", 600)
		kill(t, w.running(t, "killed"))
		w.await(t, "killed")
		w.submit(t, "long", "sleep", 600)
		pid := w.running(t, "long")
		want := tasksShown{Running: 1, Succeeded: 20, Failed: 3, Cancelled: 1, Died: 1}
		s = awaitShown(t, socket, "what the client knows", func(s shown) bool { return s.Tasks == want })
		runs := 0
		for _, count := range s.Runs.Counts {
			runs += count
		}
		if runs != 23 {
			t.Errorf("there are durations of %d tasks, not of 23", runs)
		}
		found, sum := false, tasksShown{}
		for _, worker := range s.Members {
			sum.Succeeded += worker.Tasks.Succeeded
			for _, p := range worker.Processors {
				found = found || p.Pid == pid && p.State == "running" && p.Task != nil && len(p.Task.ID) == 32
			}
		}
		if !found || sum.Succeeded != 20 {
			t.Errorf("processor %d does not run its task, or workers have finished %d tasks: %+v", pid, sum.Succeeded, s.Members)
		}
		var precise shown
		if err := json.NewDecoder(get(t, socket, "/status?memory=pss").Body).Decode(&precise); err != nil {
			t.Fatal(err)
		}
		for _, worker := range precise.Members {
			if precise.MemoryKind != "pss" || worker.Memory < 1e6 || worker.Memory > 100e6 {
				t.Errorf("a worker takes %d bytes (%s)", worker.Memory, precise.MemoryKind)
			}
		}
		checkEvents(t, socket, map[string]int{
			"host started": 1, "scheduler found": 1, "desired changed": 1, "worker started": 2, "worker registered": 2,
			"processor died": 1,
		})
		w.signal(syscall.SIGKILL)
		m.end(t, syscall.SIGTERM)
		if _, err := os.Lstat(socket); err == nil {
			t.Error("the socket is left behind")
		}
	}, agentReleases...)
}

// checkEvents counts the events by kind.
func checkEvents(t *testing.T, socket string, want map[string]int) {
	t.Helper()
	found := map[string]int{}
	lines := bufio.NewScanner(get(t, socket, "/events").Body)
	for id := 1; lines.Scan(); id++ {
		var event struct {
			ID   int
			Kind string
			Text string
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil || event.ID != id || event.Text == "" {
			t.Errorf("event %d: %s, %v", id, lines.Text(), err)
		}
		found[event.Kind]++
	}
	for kind, count := range want {
		if found[kind] != count {
			t.Errorf("%d times %q, not %d: %v", found[kind], kind, count, found)
		}
	}
}

// TestControlSocket has paths at which there can be none.
func TestControlSocket(t *testing.T) {
	c := newCluster(t, "2.9.0", layout{})
	file := filepath.Join(c.mark.dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		file:                                  "is not a socket",
		filepath.Join(c.mark.dir, "no", "no"): "no such file or directory",
		"/" + strings.Repeat("x", 200):        "too long",
	} {
		m := c.startManager(t, "manager", fixed("1", "--control-socket", path))
		if status, ok := m.wait(stopTimeout); !ok || status != 1 {
			t.Errorf("%s: ended %t with status %d", path, ok, status)
		}
		if output := m.output.String(); !strings.Contains(output, "--control-socket") || !strings.Contains(output, says) {
			t.Errorf("%s: says %q", path, output)
		}
	}
}
