package control

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

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// shown has the fields of a manager's state that these tests read.
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
func controlled(t *testing.T, c *cluster.Cluster, s cluster.Setup) (m *cluster.Manager, socket string) {
	t.Helper()
	socket = filepath.Join(c.Mark.Dir, "control")
	s.Arguments = append(s.Arguments, "--control-socket", socket)
	return c.StartManager(t, "manager", s), socket
}

// get sends a request to a manager and fails the test if there is no answer.
func get(t *testing.T, socket, path string) *http.Response {
	t.Helper()
	client := http.Client{Timeout: cluster.ConnectTimeout, Transport: &http.Transport{
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

// awaitShown polls the state until it is as wanted.
func awaitShown(t *testing.T, socket, what string, wanted func(shown) bool) (s shown) {
	t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(20 * time.Millisecond) {
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
func awaitSocket(t *testing.T, m *cluster.Manager, socket string) {
	t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(20 * time.Millisecond) {
		if connection, err := net.Dial("unix", socket); err == nil {
			connection.Close()
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not listen at its control socket", m.Name)
		}
	}
}

// TestControlStatus compares the state that a manager reports with what its client knows.
func TestControlStatus(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m, socket := controlled(t, c, cluster.Fixed("2", "--worker-agent", "native"))
		awaitSocket(t, m, socket)
		if info, err := os.Lstat(socket); err != nil || info.Mode() != fs.ModeSocket|0o600 {
			t.Errorf("the socket is %v, %v", info.Mode(), err)
		}
		s := awaitShown(t, socket, "serving", func(s shown) bool { return s.Workers.Registered == 2 })
		if s.ID != m.Name || s.Phase != "serving" || s.Mode != "fixed" || s.Scaler != string(r) || s.Agent != "native" ||
			!s.Scheduler.Connected || s.Scheduler.Protocol == "" || s.Workers.Desired != 2 || s.Workers.Started != 2 {
			t.Errorf("the state is %+v", s)
		}

		w := c.StartTasker(t)
		w.SubmitMany(t, 20, "good", "pid")
		w.SubmitMany(t, 3, "bad", "fail")
		w.Await(t, "good")
		w.Await(t, "bad")
		w.Submit(t, "cancelled", "sleep", 600)
		w.Running(t, "cancelled")
		w.Cancel(t, "cancelled")
		w.Await(t, "cancelled")
		w.Submit(t, "killed", "sleep", 600)
		cluster.Kill(t, w.Running(t, "killed"))
		w.Await(t, "killed")
		w.Submit(t, "long", "sleep", 600)
		pid := w.Running(t, "long")
		want := tasksShown{Running: 1, Succeeded: 20, Failed: 3, Cancelled: 1, Died: 1}
		s = awaitShown(t, socket, "what the client knows", func(s shown) bool { return s.Tasks == want })
		runs := 0
		for _, count := range s.Runs.Counts {
			runs += count
		}
		if runs != 23 {
			t.Errorf("%d tasks have durations, want 23", runs)
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
				t.Errorf("a worker has %d bytes of memory (%s)", worker.Memory, precise.MemoryKind)
			}
		}
		checkEvents(t, socket, map[string]int{
			"host started": 1, "scheduler found": 1, "desired changed": 1, "worker started": 2, "worker registered": 2,
			"processor died": 1,
		})
		w.Signal(syscall.SIGKILL)
		m.End(t, syscall.SIGTERM)
		if _, err := os.Lstat(socket); err == nil {
			t.Error("the socket is left behind")
		}
	}, cluster.EachFarewell...)
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
			t.Errorf("%d events %q, want %d: %v", found[kind], kind, count, found)
		}
	}
}

// TestControlSocket tries paths where no socket can be made.
func TestControlSocket(t *testing.T) {
	c := cluster.New(t, "2.9.0", cluster.Layout{})
	file := filepath.Join(c.Mark.Dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		file:                                  "is not a socket",
		filepath.Join(c.Mark.Dir, "no", "no"): "no such file or directory",
		"/" + strings.Repeat("x", 200):        "too long",
	} {
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--control-socket", path))
		if status, ok := m.Wait(cluster.StopTimeout); !ok || status != 1 {
			t.Errorf("%s: ended %t with status %d", path, ok, status)
		}
		if output := m.Output.String(); !strings.Contains(output, "--control-socket") || !strings.Contains(output, says) {
			t.Errorf("%s: the output is %q", path, output)
		}
	}
}
