package integration

import (
	"bytes"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// steer runs scaler-native, the link that stands beside the worker manager, for the manager with a socket.
func (c *cluster) steer(t *testing.T, socket string, arguments ...string) (status int, output, problems string) {
	t.Helper()
	program := filepath.Join(filepath.Dir(managerProgram(t, c.release)), "scaler-native")
	command := exec.Command(program, append(arguments, "--socket", socket)...)
	command.Env = c.mark.environment(t, "steer")
	var out, problem bytes.Buffer
	command.Stdout, command.Stderr = &out, &problem
	err := command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		status = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	return status, out.String(), problem.String()
}

// seen is what the tests read of a manager's state.
type seen struct {
	Pid     int
	Mode    string
	Scaler  string
	Agent   string
	Workers struct{ Registered int }
	Tasks   struct{ Succeeded, Failed int }
	Members []struct {
		ID    string
		Pid   int
		State string
	}
}

func (c *cluster) status(t *testing.T, socket string) (s seen) {
	t.Helper()
	status, output, problems := c.steer(t, socket, "status", "--json")
	if err := json.Unmarshal([]byte(output), &s); status != 0 || err != nil || problems != "" {
		t.Fatalf("status %d, %v: %s%s", status, err, output, problems)
	}
	return s
}

// What scaler-native says of a manager is what its scheduler and its client know.
func TestSteer(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		socket := filepath.Join(c.mark.dir, "control")
		m := c.startManager(t, "steered", fixed("2", "--control-socket", socket))
		c.monitor.waitWorkers(t, "2 workers", 2)
		before := c.status(t, socket)
		c.checkAdds(t)
		after := c.status(t, socket)
		if after.Pid != m.pid() || after.Mode != "fixed" || after.Scaler != string(r) || after.Workers.Registered != 2 || len(after.Members) != 2 {
			t.Errorf("got %+v", after)
		}
		if after.Agent == "native" && (after.Tasks.Succeeded <= before.Tasks.Succeeded || after.Tasks.Failed != 0) {
			t.Errorf("tasks %+v, before the client %+v", after.Tasks, before.Tasks)
		}
		var ids []string
		for _, worker := range after.Members {
			ids = append(ids, worker.ID)
		}
		for id := range c.monitor.state.Connected {
			if !slices.Contains(ids, id) {
				t.Errorf("the scheduler's worker %s is none of %v", id, ids)
			}
		}
		for _, check := range []struct {
			status    int
			output    string
			arguments []string
		}{
			{0, `^Manager +steered, pid ` + strconv.Itoa(m.pid()) + `, fixed mode`, []string{"status"}},
			{0, `(?m)  worker registered `, []string{"events"}},
			{0, ids[0][len(ids[0])-8:], []string{"status"}},
			{0, `started worker `, []string{"logs", strconv.Itoa(after.Members[0].Pid)}},
			{3, `^$`, []string{"logs", "nobody"}},
			{0, `^steered \(pid \d+\): serving, 2 workers registered of 2 desired, 0 busy\n$`, []string{"restart", "--all", "--wait"}},
			{0, `^steered \(pid \d+\): drained, 0 workers registered`, []string{"drain", "--wait"}},
			{0, `^steered \(pid \d+\): serving`, []string{"resume"}},
			{0, `^steered \(pid ` + strconv.Itoa(m.pid()) + `\) has ended\n$`, []string{"stop", "--wait"}},
			{3, `^$`, []string{"status"}},
		} {
			status, output, problems := c.steer(t, socket, check.arguments...)
			if status != check.status || !regexp.MustCompile(check.output).MatchString(output) || (status == 0) != (problems == "") {
				t.Errorf("%s: status %d\n%s%s", strings.Join(check.arguments, " "), status, output, problems)
			}
		}
		if status, ok := m.wait(stopTimeout); !ok || status != 0 {
			t.Errorf("stopped, the manager ended with status %d", status)
		}
	})
}
