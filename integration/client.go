package integration

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// clientTimeout bounds a client's whole run.
const clientTimeout = 60 * time.Second

// startClient runs one of the scripts in clients with the release's Python.
func (c *cluster) startClient(t *testing.T, script string, arguments ...string) *process {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("clients", script))
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(c.release.python(), append([]string{path}, arguments...)...)
	command.Dir = c.mark.dir
	command.Env = append(c.mark.environment(t, "client", "PYTHONUNBUFFERED=1"), c.environment...)
	return start(t, script, command, true)
}

var anyObject = regexp.MustCompile(`^[{\[]`)

// answer decodes the next line of JSON after the first skip lines of what a client prints.
func (p *process) answer(t *testing.T, skip int, answer any) {
	t.Helper()
	line, ok := p.answers.wait(anyObject, skip, clientTimeout)
	if !ok {
		t.Fatalf("%s gave no answer", p.name)
	}
	if err := json.Unmarshal([]byte(line), answer); err != nil {
		t.Fatalf("%s answered %q: %v", p.name, line, err)
	}
}

// finish waits for a client's end, which must be a good one.
func (p *process) finish(t *testing.T) {
	t.Helper()
	status, ok := p.wait(clientTimeout)
	if !ok {
		t.Fatalf("%s does not end", p.name)
	}
	if status != 0 {
		t.Fatalf("%s ended with status %d", p.name, status)
	}
}

// ask runs a client with the scheduler's address and these arguments, and decodes its answer.
func (c *cluster) ask(t *testing.T, answer any, script string, arguments ...string) {
	t.Helper()
	client := c.startClient(t, script, append([]string{c.address}, arguments...)...)
	client.answer(t, 0, answer)
	client.finish(t)
}

// checkAdds runs the quick start's client.
func (c *cluster) checkAdds(t *testing.T) {
	t.Helper()
	var answer struct{ Sum int }
	c.ask(t, &answer, "add.py")
	if answer.Sum != 5 {
		t.Errorf("2 + 3 = %d on the cluster, want 5", answer.Sum)
	}
}
