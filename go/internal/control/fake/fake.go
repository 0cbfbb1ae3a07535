// Package fake is a manager's control socket with answers that a test gives, for tests of those who ask.
package fake

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/directory"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Manager answers as a manager would. Its fields may be changed by Set while it serves.
type Manager struct {
	mutex sync.Mutex
	State state.Manager
	// Logs and Stacks are by worker.
	Logs   map[string][]state.Line
	Stacks map[string]state.Stacks
	events []state.Event
	more   chan struct{}
	// Refuse is what a POST is answered with, if it is set.
	Refuse int
	// Asks is called under the lock with each question for the state, before its answer.
	Asks func(m *Manager)
	// As "GET /v1/status?memory=pss" and "POST /v1/resize {"count":3}".
	asked []string
	// Hold keeps every request waiting until the client leaves.
	Hold   bool
	server *httptest.Server
}

// Directory has the managers of a test alone seen by Find, and returns where their sockets belong.
func Directory(t *testing.T) string {
	t.Helper()
	// Not t.TempDir: the path of a socket is limited.
	root, err := os.MkdirTemp("", "sn")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	t.Setenv("XDG_RUNTIME_DIR", root)
	t.Setenv("TMPDIR", root)
	former := directory.System
	directory.System = root
	t.Cleanup(func() { directory.System = former })
	path, err := directory.Ensure()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// Serve has a manager listen at a path until the test ends, or Close.
func (m *Manager) Serve(t *testing.T, path string) *Manager {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	m.more = make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		if m.Asks != nil {
			m.Asks(m)
		}
		answer := m.State
		if r.FormValue("memory") == state.PSS {
			answer.MemoryKind = state.PSS
		}
		m.say(w, answer)
	})
	mux.HandleFunc("GET /v1/events", m.sayEvents)
	mux.HandleFunc("GET /v1/workers/{worker}/logs", func(w http.ResponseWriter, r *http.Request) {
		list, found := m.Logs[r.PathValue("worker")]
		if !found {
			fail(w, http.StatusNotFound, "no worker is named "+r.PathValue("worker"))
			return
		}
		for _, line := range list {
			m.say(w, line)
		}
	})
	mux.HandleFunc("GET /v1/workers/{worker}/stacks", func(w http.ResponseWriter, r *http.Request) {
		stacks, found := m.Stacks[r.PathValue("worker")]
		if !found {
			fail(w, http.StatusNotFound, "no worker is named "+r.PathValue("worker"))
			return
		}
		m.say(w, stacks)
	})
	mux.HandleFunc("POST /v1/", func(w http.ResponseWriter, _ *http.Request) {
		if m.Refuse != 0 {
			fail(w, m.Refuse, "not in this mode")
			return
		}
		m.say(w, m.State)
	})
	m.server = httptest.NewUnstartedServer(m.note(mux))
	_ = m.server.Listener.Close()
	m.server.Listener = listener
	m.server.Start()
	t.Cleanup(m.Close)
	return m
}

// Close ends the manager.
func (m *Manager) Close() {
	m.server.CloseClientConnections()
	m.server.Close()
}

// note keeps what was asked, and holds the lock while it is answered.
func (m *Manager) note(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := r.Method + " " + r.URL.RequestURI()
		if len(body) > 0 {
			text += " " + string(body)
		}
		m.mutex.Lock()
		m.asked = append(m.asked, text)
		hold := m.Hold
		m.mutex.Unlock()
		if hold {
			<-r.Context().Done()
			return
		}
		if r.URL.Path == "/v1/events" {
			next.ServeHTTP(w, r)
			return
		}
		m.mutex.Lock()
		defer m.mutex.Unlock()
		next.ServeHTTP(w, r)
	})
}

// Set changes the manager.
func (m *Manager) Set(change func(m *Manager)) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	change(m)
}

// Asked are the requests so far.
func (m *Manager) Asked() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]string(nil), m.asked...)
}

// Happen adds an event.
func (m *Manager) Happen(event state.Event) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	event.ID = uint64(len(m.events) + 1)
	m.events = append(m.events, event)
	if m.more != nil {
		close(m.more)
	}
	m.more = make(chan struct{})
}

func (m *Manager) sayEvents(w http.ResponseWriter, r *http.Request) {
	var after uint64
	_, _ = fmt.Sscan(r.URL.Query().Get("after"), &after)
	for {
		m.mutex.Lock()
		events, more := m.events[min(after, uint64(len(m.events))):], m.more
		m.mutex.Unlock()
		for _, event := range events {
			m.say(w, event)
			after = event.ID
		}
		if r.URL.Query().Get("follow") == "" {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}

func (m *Manager) say(w http.ResponseWriter, value any) { _ = json.NewEncoder(w).Encode(value) }

func fail(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(state.Error{Error: text})
}

// Start is when the managers of State have been started.
var Start = time.Date(2026, 11, 28, 5, 0, 0, 0, time.UTC)

// State is that of a manager with some workers: the first has a task, the second waits for one, the third starts.
func State(pid int) state.Manager {
	now := Start.Add(3*time.Minute + 20*time.Second)
	return state.Manager{
		Version: 1, ID: fmt.Sprintf("NAT|node-%d|0a1b2c3d", pid), Pid: pid, Program: "0.1.0", Started: Start, Now: now,
		Phase: state.Serving, Mode: "dynamic",
		Scheduler: state.Scheduler{Address: "tcp://127.0.0.1:8516", Protocol: "YMQ 1", Connected: true, Latency: 0.0012},
		Scaler:    "2.9.0", Python: "3.11.7", Interpreter: "/opt/scaler/bin/python", Agent: "native",
		Workers: state.Workers{Desired: 3, Actual: 3, Registered: 2, Busy: 1, Started: 5, Ended: 2,
			Deaths: map[string]int{"SIGKILL": 1, "exit 1": 1}},
		Tasks:  state.Tasks{Queued: 4, Running: 1, Succeeded: 12345, Failed: 3, Cancelled: 2, Died: 1},
		Waits:  state.Histogram{Bounds: []float64{1}, Counts: []uint64{12348, 0}, Sum: 12.348},
		Runs:   state.Histogram{Bounds: []float64{1}, Counts: []uint64{12340, 8}, Sum: 1234.8},
		Spares: state.Spares{Ready: 1, Bytes: 3_200_000}, CPU: 1.5, RSS: 13_400_000, MemoryKind: state.RSS,
		Members: []state.Worker{
			worker(pid, 1, "registered", now, &state.Task{
				ID: "00112233445566778899aabbccddeeff", Function: "simulate", Began: now.Add(-42 * time.Second),
			}),
			worker(pid, 2, "registered", now, nil),
			{Number: 3, Slot: 2, State: "starting", Started: now.Add(-100 * time.Millisecond)},
		},
	}
}

func worker(pid, number int, phase string, now time.Time, task *state.Task) state.Worker {
	w := state.Worker{
		ID: fmt.Sprintf("Worker|NAT|%032x|%031xa", pid, number), Number: number, Slot: number - 1, Pid: pid + 10*number,
		State: phase, Busy: task != nil, Started: now.Add(-time.Duration(number) * time.Minute),
		Tasks:  state.Tasks{Succeeded: uint64(100 * number), Failed: uint64(number)},
		Memory: uint64(number) * 20_300_000,
	}
	p := state.Processor{Pid: w.Pid + 1, State: "idle", Started: w.Started, Tasks: w.Tasks.Succeeded, Memory: w.Memory}
	if task != nil {
		p.State, p.CPU, p.Task = "running", 0.98, task
		w.CPU, w.Tasks.Running = 0.98, 1
	}
	w.Processors = []state.Processor{p}
	return w
}
