package cluster

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// ClientTimeout bounds a client's whole run.
const ClientTimeout = 60 * time.Second

// StartClient runs one of the scripts in clients with the release's Python.
func (c *Cluster) StartClient(t *testing.T, script string, arguments ...string) *Process {
	t.Helper()
	command := exec.Command(c.Release.Python(), append([]string{ClientScript(script)}, arguments...)...)
	command.Dir = c.Mark.Dir
	command.Env = append(c.Mark.Environment(t, "client", "PYTHONUNBUFFERED=1"), c.Environment...)
	return StartProcess(t, script, command, true)
}

var AnyObject = regexp.MustCompile(`^[{\[]`)

// Answer decodes the next line of JSON after the first skip lines of what a client prints.
func (p *Process) Answer(t *testing.T, skip int, answer any) {
	t.Helper()
	line, ok := p.Answers.Wait(AnyObject, skip, ClientTimeout)
	if !ok {
		t.Fatalf("%s has not answered", p.Name)
	}
	if err := json.Unmarshal([]byte(line), answer); err != nil {
		t.Fatalf("%s answered %q: %v", p.Name, line, err)
	}
}

// Finish waits until a client has ended, which it must do with status 0.
func (p *Process) Finish(t *testing.T) {
	t.Helper()
	status, ok := p.Wait(ClientTimeout)
	if !ok {
		t.Fatalf("%s has not ended", p.Name)
	}
	if status != 0 {
		t.Fatalf("%s ended with status %d", p.Name, status)
	}
}

// Ask runs a client with the scheduler's address and these arguments, and decodes its first answer.
func (c *Cluster) Ask(t *testing.T, answer any, script string, arguments ...string) {
	t.Helper()
	client := c.StartClient(t, script, append([]string{c.Address}, arguments...)...)
	client.Answer(t, 0, answer)
	client.Finish(t)
}

// CheckAdds runs the client of the quick start, which adds two numbers.
func (c *Cluster) CheckAdds(t *testing.T) {
	t.Helper()
	var answer struct{ Sum int }
	c.Ask(t, &answer, "add.py")
	if answer.Sum != 5 {
		t.Errorf("2 + 3 = %d on the cluster, want 5", answer.Sum)
	}
}

// Modules is a folder for modules that workers can import.
func (c *Cluster) Modules(t *testing.T) string { return c.Mark.Temporary(t, "modules") }

// AddModule writes a module for workers to import.
func (c *Cluster) AddModule(t *testing.T, name, source string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.Modules(t), name+".py"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
}

// AwaitPID waits for the file that a task writes its process id into.
func AwaitPID(t *testing.T, client *Process, path string) int {
	t.Helper()
	for deadline := time.Now().Add(ClientTimeout); ; {
		if _, err := os.Stat(path); err == nil {
			return ReadPID(t, path)
		}
		if time.Now().After(deadline) {
			t.Fatalf("no task has written %s", path)
		}
		select {
		case <-client.Ended:
			t.Fatalf("%s has ended before its task wrote %s", client.Name, path)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ReadPID reads a file that holds a process id.
func ReadPID(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
