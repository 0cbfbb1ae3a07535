package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"testing"
	"time"
)

// upstreamManager is the value of SCALER_WORKER_MANAGER that stands for the Python manager of each release.
const upstreamManager = "python"

// TestsUpstream tells whether Scaler's own manager is under test.
func TestsUpstream() bool { return os.Getenv("SCALER_WORKER_MANAGER") == upstreamManager }

// ManagerProgram returns the worker manager under test.
func ManagerProgram(t testing.TB, r Release) string {
	t.Helper()
	program := os.Getenv("SCALER_WORKER_MANAGER")
	if program == upstreamManager {
		return r.Program("scaler_worker_manager")
	}
	if program == "" {
		program = Repository("bin", "scaler_worker_manager")
	}
	path, err := filepath.Abs(program)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no worker manager to test, make build makes one: %v", err)
	}
	return path
}

// agentArguments selects the agent that SCALER_TEST_AGENT names, unless the test itself selects one.
func agentArguments(given []string) []string {
	kind := os.Getenv("SCALER_TEST_AGENT")
	if kind == "" || TestsUpstream() || slices.Contains(given, "--worker-agent") {
		return nil
	}
	return []string{"--worker-agent", kind}
}

// A Manager is a running worker manager. Its name is its role and its worker manager id.
type Manager struct {
	*Process
	Mark Mark
	Name string
}

// A Setup is how a manager is started.
type Setup struct {
	Program     string   // the worker manager under test when empty
	Python      string   // SCALER_PYTHON; the release's own when empty
	Address     string   // the cluster's when empty
	Arguments   []string // after the scheduler's address
	Environment []string // on top of the test's
	Attributes  *syscall.SysProcAttr
}

// Fixed starts count workers.
func Fixed(count string, more ...string) Setup {
	return Setup{Arguments: append([]string{"--mode", "fixed", "--max-task-concurrency", count}, more...)}
}

// Dynamic leaves the number of workers to the scheduler, up to count.
func Dynamic(count string, more ...string) Setup {
	return Setup{Arguments: append([]string{"--max-task-concurrency", count}, more...)}
}

// StartManager starts a manager of the cluster's release. All it knows about the cluster is the address.
func (c *Cluster) StartManager(t *testing.T, name string, s Setup) *Manager {
	t.Helper()
	if s.Address == "" {
		s.Address = c.Address
	}
	return StartManager(t, c.Release, c.Mark, name, s)
}

// StartManager starts a manager without a cluster of this test.
func StartManager(t *testing.T, r Release, m Mark, name string, s Setup) *Manager {
	t.Helper()
	if s.Program == "" {
		s.Program = ManagerProgram(t, r)
		s.Arguments = append(s.Arguments[:len(s.Arguments):len(s.Arguments)], agentArguments(s.Arguments)...)
	}
	if s.Python == "" {
		s.Python = r.Python()
	}
	arguments := []string{"baremetal_native", s.Address, "--worker-manager-id", name}
	command := exec.Command(s.Program, append(arguments, s.Arguments...)...)
	command.Dir = m.Dir
	command.Env = append(m.Environment(t, name, "SCALER_PYTHON="+s.Python), s.Environment...)
	command.SysProcAttr = s.Attributes
	manager := &Manager{Process: StartProcess(t, name, command, false), Mark: m, Name: name}
	t.Cleanup(func() {
		// Only a failed test gets here with workers alive.
		for _, left := range m.Processes(name) {
			_ = syscall.Kill(left.Pid, syscall.SIGKILL)
		}
	})
	return manager
}

// End stops the manager with a signal. It must end in time, with status 0, and leave nothing.
func (m *Manager) End(t *testing.T, signal syscall.Signal) {
	t.Helper()
	held := Semaphores(m.Mark.Processes(m.Name))
	m.Signal(signal)
	status, ok := m.Wait(StopTimeout)
	if !ok {
		t.Fatalf("%s has not ended %v after signal %d; alive: %+v", m.Name, StopTimeout, signal, m.Mark.Processes(m.Name))
	}
	if status != 0 {
		t.Errorf("%s ended with status %d after signal %d, want 0", m.Name, status, signal)
	}
	CheckNothingLeft(t, m.Mark, m.Name, held)
}

// RemoveClients removes the sockets of clients that were killed inside tasks. The tasks left them, not the manager.
func (m *Manager) RemoveClients(t *testing.T) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(m.Mark.Temporary(t, m.Name), "scaler_client_*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		os.Remove(path)
	}
}

// Quick makes a manager in dynamic mode scale down soon. Ours knows the option with every release, Scaler's own from
// 2.9 on.
func (c *Cluster) Quick(s Setup) Setup {
	if !TestsUpstream() || c.Release.Number() >= 2009 {
		s.Arguments = append(s.Arguments, "--scale-down-cooldown-seconds", "1")
	}
	return s
}

// AwaitKnown waits until the manager says that all its workers have registered.
func (m *Manager) AwaitKnown(t *testing.T) {
	t.Helper()
	if _, ok := m.Output.Wait(regexp.MustCompile(`all \d+ workers registered`), 0, ConnectTimeout); !ok {
		t.Fatalf("%s does not say that its workers have registered", m.Name)
	}
}

// EndWithin stops a manager with SIGTERM. It waits longer than the limit, to tell late from never.
func (m *Manager) EndWithin(t *testing.T, limit time.Duration) {
	t.Helper()
	held := Semaphores(m.Mark.Processes(m.Name))
	begun := time.Now()
	m.Signal(syscall.SIGTERM)
	status, ok := m.Wait(limit + StopTimeout)
	took := time.Since(begun)
	switch {
	case !ok:
		t.Errorf("%s has not ended %v after SIGTERM", m.Name, took.Round(time.Second))
		m.Kill()
	case status != 0:
		t.Errorf("%s ended with status %d after SIGTERM, want 0", m.Name, status)
	case took > limit:
		t.Errorf("%s ended %.1f s after SIGTERM, want %v at most", m.Name, took.Seconds(), limit)
	default:
		t.Logf("%s ended %.1f s after SIGTERM", m.Name, took.Seconds())
	}
	if os.Getuid() == 0 {
		held = nil // of no use in another /dev/shm
	}
	CheckNothingLeft(t, m.Mark, m.Name, held)
	checkNoSemaphores(t, m.Mark, m.Name)
}
