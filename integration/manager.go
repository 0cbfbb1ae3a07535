package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
)

// upstreamManager is the value of SCALER_WORKER_MANAGER that stands for the Python manager of each release.
const upstreamManager = "python"

func testsUpstream() bool { return os.Getenv("SCALER_WORKER_MANAGER") == upstreamManager }

// managerProgram returns the worker manager under test.
func managerProgram(t testing.TB, r release) string {
	t.Helper()
	program := os.Getenv("SCALER_WORKER_MANAGER")
	if program == upstreamManager {
		return r.program("scaler_worker_manager")
	}
	if program == "" {
		program = filepath.Join("..", "bin", "scaler_worker_manager")
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

// agentArguments chooses the agent of workers as SCALER_TEST_AGENT says, where the test itself does not.
func agentArguments(given []string) []string {
	kind := os.Getenv("SCALER_TEST_AGENT")
	if kind == "" || testsUpstream() || slices.Contains(given, "--worker-agent") {
		return nil
	}
	return []string{"--worker-agent", kind}
}

// A manager is a running worker manager. Its name is its role and its worker manager id.
type manager struct {
	*process
	mark mark
	name string
}

// A start-up of a manager.
type setup struct {
	program     string   // the worker manager under test when empty
	python      string   // SCALER_PYTHON; the release's own when empty
	address     string   // the cluster's when empty
	arguments   []string // after the scheduler's address
	environment []string // on top of the test's
}

func fixed(count string, more ...string) setup {
	return setup{arguments: append([]string{"--mode", "fixed", "--max-task-concurrency", count}, more...)}
}

func dynamic(count string, more ...string) setup {
	return setup{arguments: append([]string{"--max-task-concurrency", count}, more...)}
}

// startManager starts a manager of the cluster's release; it knows nothing of the cluster but the address.
func (c *cluster) startManager(t *testing.T, name string, s setup) *manager {
	t.Helper()
	if s.address == "" {
		s.address = c.address
	}
	return startManager(t, c.release, c.mark, name, s)
}

func startManager(t *testing.T, r release, m mark, name string, s setup) *manager {
	t.Helper()
	if s.program == "" {
		s.program = managerProgram(t, r)
		s.arguments = append(s.arguments[:len(s.arguments):len(s.arguments)], agentArguments(s.arguments)...)
	}
	if s.python == "" {
		s.python = r.python()
	}
	arguments := []string{"baremetal_native", s.address, "--worker-manager-id", name}
	command := exec.Command(s.program, append(arguments, s.arguments...)...)
	command.Dir = m.dir
	command.Env = append(m.environment(t, name, "SCALER_PYTHON="+s.python), s.environment...)
	manager := &manager{process: start(t, name, command, false), mark: m, name: name}
	t.Cleanup(func() {
		// Only a test that failed comes here with workers alive.
		for _, left := range m.processes(name) {
			_ = syscall.Kill(left.pid, syscall.SIGKILL)
		}
	})
	return manager
}

// end stops the manager with a signal: it must end in time with status 0 and leave nothing.
func (m *manager) end(t *testing.T, signal syscall.Signal) {
	t.Helper()
	held := semaphores(m.mark.processes(m.name))
	m.signal(signal)
	status, ok := m.wait(stopTimeout)
	if !ok {
		t.Fatalf("%s does not end %v after signal %d; alive: %+v", m.name, stopTimeout, signal, m.mark.processes(m.name))
	}
	if status != 0 {
		t.Errorf("%s ended with status %d after signal %d, want 0", m.name, status, signal)
	}
	checkNothingLeft(t, m.mark, m.name, held)
}
