// Package fake serves a fake manager on a control socket, for tests of clients.
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

// Manager is a fake manager. While it serves, change its fields with Set only.
type Manager struct {
	mutex sync.Mutex
	State state.Manager
	// Logs and Stacks have the name of a worker as key.
	Logs   map[string][]state.Line
	Stacks map[string]state.Stacks
	events []state.Event
	more   chan struct{}
	// Refuse is the status that POSTs fail with, or 0.
	Refuse int
	// OnStatus, if set, is called under the lock before each GET /v1/status is answered.
	OnStatus func(m *Manager)
	// Hold makes every request hang until the client closes its connection.
	Hold     bool
	requests []string // e.g. "GET /v1/status?memory=pss", "POST /v1/resize {"count":3}"
	server   *httptest.Server
}

// Directory makes a directory for sockets, and makes Find look only there.
func Directory(t *testing.T) string {
	t.Helper()
	// Not t.TempDir: its path may be too long for a socket.
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

// Serve listens on path until the test ends or Close is called.
func (m *Manager) Serve(t *testing.T, path string) *Manager {
	t.Helper()
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	m.more = make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", func(w http.ResponseWriter, r *http.Request) {
		if m.OnStatus != nil {
			m.OnStatus(m)
		}
		answer := m.State
		if r.FormValue("memory") == state.PSS {
			answer.MemoryKind = state.PSS
		}
		m.write(w, answer)
	})
	mux.HandleFunc("GET /v1/events", m.writeEvents)
	mux.HandleFunc("GET /v1/workers/{worker}/logs", func(w http.ResponseWriter, r *http.Request) {
		list, found := m.Logs[r.PathValue("worker")]
		if !found {
			fail(w, http.StatusNotFound, "no worker is named "+r.PathValue("worker"))
			return
		}
		for _, line := range list {
			m.write(w, line)
		}
	})
	mux.HandleFunc("GET /v1/workers/{worker}/stacks", func(w http.ResponseWriter, r *http.Request) {
		stacks, found := m.Stacks[r.PathValue("worker")]
		if !found {
			fail(w, http.StatusNotFound, "no worker is named "+r.PathValue("worker"))
			return
		}
		m.write(w, stacks)
	})
	mux.HandleFunc("POST /v1/", func(w http.ResponseWriter, _ *http.Request) {
		if m.Refuse != 0 {
			fail(w, m.Refuse, "not in this mode")
			return
		}
		m.write(w, m.State)
	})
	m.server = httptest.NewUnstartedServer(m.record(mux))
	_ = m.server.Listener.Close()
	m.server.Listener = listener
	m.server.Start()
	t.Cleanup(m.Close)
	return m
}

// Close stops the manager.
func (m *Manager) Close() {
	m.server.CloseClientConnections()
	m.server.Close()
}

// record records the request, and holds the lock while it is answered.
func (m *Manager) record(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := r.Method + " " + r.URL.RequestURI()
		if len(body) > 0 {
			text += " " + string(body)
		}
		m.mutex.Lock()
		m.requests = append(m.requests, text)
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

// Set calls change under the lock.
func (m *Manager) Set(change func(m *Manager)) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	change(m)
}

// Requests returns the requests so far.
func (m *Manager) Requests() []string {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	return append([]string(nil), m.requests...)
}

// AddEvent adds an event.
func (m *Manager) AddEvent(event state.Event) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	event.ID = uint64(len(m.events) + 1)
	m.events = append(m.events, event)
	if m.more != nil {
		close(m.more)
	}
	m.more = make(chan struct{})
}

func (m *Manager) writeEvents(w http.ResponseWriter, r *http.Request) {
	var after uint64
	_, _ = fmt.Sscan(r.URL.Query().Get("after"), &after)
	for {
		m.mutex.Lock()
		events, more := m.events[min(after, uint64(len(m.events))):], m.more
		m.mutex.Unlock()
		for _, event := range events {
			m.write(w, event)
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

func (m *Manager) write(w http.ResponseWriter, value any) { _ = json.NewEncoder(w).Encode(value) }

func fail(w http.ResponseWriter, status int, text string) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(state.Error{Error: text})
}

// Start is when the managers of State were started.
var Start = time.Date(2026, 11, 28, 5, 0, 0, 0, time.UTC)

// State returns the state of a manager with three workers: one busy, one idle, one starting.
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
