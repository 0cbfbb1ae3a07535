package control

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

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// steer runs scaler-native, the link beside the worker manager, for the manager with this socket.
func steer(t *testing.T, c *cluster.Cluster, socket string, arguments ...string) (status int, output, problems string) {
	t.Helper()
	program := filepath.Join(filepath.Dir(cluster.ManagerProgram(t, c.Release)), "scaler-native")
	command := exec.Command(program, append(arguments, "--socket", socket)...)
	command.Env = c.Mark.Environment(t, "steer")
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

// seen has the fields of a manager's state that the tests read.
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

func status(t *testing.T, c *cluster.Cluster, socket string) (s seen) {
	t.Helper()
	status, output, problems := steer(t, c, socket, "status", "--json")
	if err := json.Unmarshal([]byte(output), &s); status != 0 || err != nil || problems != "" {
		t.Fatalf("status %d, %v: %s%s", status, err, output, problems)
	}
	return s
}

// scaler-native reports what the scheduler and the client know.
func TestSteer(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		socket := filepath.Join(c.Mark.Dir, "control")
		m := c.StartManager(t, "steered", cluster.Fixed("2", "--control-socket", socket))
		c.Monitor.WaitWorkers(t, "2 workers", 2)
		before := status(t, c, socket)
		c.CheckAdds(t)
		after := status(t, c, socket)
		if after.Pid != m.PID() || after.Mode != "fixed" || after.Scaler != string(r) || after.Workers.Registered != 2 ||
			len(after.Members) != 2 {
			t.Errorf("the status is %+v", after)
		}
		if after.Agent == "native" && (after.Tasks.Succeeded <= before.Tasks.Succeeded || after.Tasks.Failed != 0) {
			t.Errorf("tasks %+v, before the client %+v", after.Tasks, before.Tasks)
		}
		var ids []string
		for _, worker := range after.Members {
			ids = append(ids, worker.ID)
		}
		for id := range c.Monitor.State.Connected {
			if !slices.Contains(ids, id) {
				t.Errorf("worker %s of the scheduler is not one of %v", id, ids)
			}
		}
		for _, check := range []struct {
			status    int
			output    string
			arguments []string
		}{
			{0, `^Manager +steered, pid ` + strconv.Itoa(m.PID()) + `, fixed mode`, []string{"status"}},
			{0, `(?m)  worker registered `, []string{"events"}},
			{0, ids[0][len(ids[0])-8:], []string{"status"}},
			{0, `started worker `, []string{"logs", strconv.Itoa(after.Members[0].Pid)}},
			{3, `^$`, []string{"logs", "nobody"}},
			{0, `^Processor \d+:\n(?s:.*)File `, []string{"stacks", strconv.Itoa(after.Members[0].Pid)}},
			{3, `^$`, []string{"stacks", "nobody"}},
			{0, `^steered \(pid \d+\): serving, 2 workers registered of 2 desired, 0 busy\n$`,
				[]string{"restart", "--all", "--wait"}},
			{0, `^steered \(pid \d+\): drained, 0 workers registered`, []string{"drain", "--wait"}},
			{0, `^steered \(pid \d+\): serving`, []string{"resume"}},
			{0, `^steered \(pid ` + strconv.Itoa(m.PID()) + `\) has ended\n$`, []string{"stop", "--wait"}},
			{3, `^$`, []string{"status"}},
		} {
			status, output, problems := steer(t, c, socket, check.arguments...)
			if status != check.status || !regexp.MustCompile(check.output).MatchString(output) ||
				(status == 0) != (problems == "") {
				t.Errorf("%s: status %d\n%s%s", strings.Join(check.arguments, " "), status, output, problems)
			}
		}
		if status, ok := m.Wait(cluster.StopTimeout); !ok || status != 0 {
			t.Errorf("stopped, the manager ended with status %d", status)
		}
	})
}
