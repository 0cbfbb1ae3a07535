package options

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A manager as a service: a bare environment, reopened logs, notifications.
func TestService(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		for _, p := range []part{
			{"bare surroundings", checkBare},
			{"log file moved", checkReopen},
			{"log configuration", checkLogConfiguration},
			{"notifications", checkNotify},
		} {
			t.Run(p.name, func(t *testing.T) { p.run(t, c) })
		}
	}, cluster.OldAndNew...)
}

// No home, no standard input, no programs in PATH, a folder that nobody can write to, and a strict umask.
func checkBare(t *testing.T, c *cluster.Cluster) {
	file := filepath.Join(c.Mark.Dir, "bare.log")
	// /proc is a folder in which root cannot make a file either.
	command := exec.Command("/bin/sh", "-c", `umask 077; cd /proc; exec "$@" <&-`, "sh",
		cluster.ManagerProgram(t, c.Release), "baremetal_native",
		c.Address, "--worker-manager-id", "bare", "--mode", "fixed", "--max-task-concurrency", "1",
		"--python", c.Release.Python(), "--logging-paths", file)
	command.Env = []string{"PATH=/nonexistent", cluster.MarkVariable + "=" + c.Mark.Value, cluster.RoleVariable + "=bare",
		"TMPDIR=" + c.Mark.Temporary(t, "bare")}
	m := &cluster.Manager{Process: cluster.StartProcess(t, "bare", command, false), Mark: c.Mark, Name: "bare"}
	told := processor(t, c)
	cluster.CheckFields(t, "the processor", told, map[string]any{"umask": 0o077, "directory": "/proc"})
	environment := told["environment"].(map[string]any)
	for _, name := range []string{"HOME", "USER", "LANG"} {
		if value, ok := environment[name]; ok {
			t.Errorf("the task has %s=%v, which nobody set", name, value)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log has the mode %v (%v), want 0600", info.Mode(), err)
	}
	m.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// A renamed log file is written on until SIGHUP; then a new file has the name.
func checkReopen(t *testing.T, c *cluster.Cluster) {
	file := filepath.Join(c.Mark.Dir, "moved.log")
	m := c.StartManager(t, "moved", cluster.Fixed("1", "--logging-paths", file))
	c.Monitor.WaitWorkers(t, "a worker", 1)
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	m.Signal(syscall.SIGHUP)
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no new log after SIGHUP")
		}
	}
	m.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
	before, after := cluster.Content(t, file+".1"), cluster.Content(t, file)
	if !strings.Contains(before, "started worker") || strings.Contains(before, "SIGTERM") ||
		!strings.Contains(after, "SIGTERM") {
		t.Errorf("the old log has:\n%s\nthe new one has:\n%s", before, after)
	}
}

// The manager cannot use a configuration file of Python's logging, and says so.
func checkLogConfiguration(t *testing.T, c *cluster.Cluster) {
	m := c.StartManager(t, "configuration", cluster.Fixed("1", "--logging-config-file", "logging.conf"))
	c.CheckAdds(t)
	m.End(t, syscall.SIGTERM)
	cluster.CheckSaid(t, m.Process, `logging_config_file has no effect`, 1)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// Everything that sd_notify(3) defines reaches the socket, and workers do not inherit the variable.
func checkNotify(t *testing.T, c *cluster.Cluster) {
	path := filepath.Join(c.Mark.Dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	told := cluster.NewJournal()
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := socket.Read(buffer)
			if err != nil {
				return
			}
			told.Follow(strings.NewReader(string(buffer[:n]) + "\n"))
		}
	}()
	defer socket.Close()
	s := cluster.Fixed("1", "--logging-paths", filepath.Join(c.Mark.Dir, "notified.log"))
	s.Environment = []string{"NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=400000"}
	m := c.StartManager(t, "notified", s)
	for _, want := range []string{`^READY=1$`, `^STATUS=1 of 1 workers registered`} {
		awaitTold(t, told, want, 1)
	}
	environment := processor(t, c)["environment"].(map[string]any)
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		if value, ok := environment[name]; ok {
			t.Errorf("the task has %s=%v", name, value)
		}
	}
	awaitTold(t, told, `^WATCHDOG=1$`, 3)
	m.Signal(syscall.SIGHUP) // as for a reload, of which the end is told too
	for _, want := range []string{`^RELOADING=1$`, `^MONOTONIC_USEC=[1-9]\d*$`} {
		awaitTold(t, told, want, 1)
	}
	awaitTold(t, told, `^READY=1$`, 2)
	if strings.Contains(told.String(), "STOPPING") {
		t.Error("the manager says that it stops before it does")
	}
	m.End(t, syscall.SIGTERM)
	awaitTold(t, told, `^STOPPING=1$`, 1)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

// awaitTold waits for as many lines of a kind. The journal of datagrams counts as ended after each, so it is asked
// anew.
func awaitTold(t *testing.T, told *cluster.Journal, pattern string, count int) {
	t.Helper()
	kind := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(20 * time.Millisecond) {
		lines, _, _ := told.Since(0)
		found := 0
		for _, line := range lines {
			if kind.MatchString(line) {
				found++
			}
		}
		if found >= count {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the service manager got:\n%[3]s\nwant %[1]s %[2]d times", pattern, count, told)
		}
	}
}

// --version names the version of the program and, if there is one, of the Scaler it would run.
func TestVersion(t *testing.T) {
	for _, r := range cluster.Releases(t, cluster.OldAndNew...) {
		command := exec.Command(cluster.ManagerProgram(t, r), "--version")
		command.Env = append(cluster.NewMark(t).Environment(t, "version"), "SCALER_PYTHON="+r.Python())
		text, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := regexp.MustCompile(`^scaler-native \S+ .*\n.*SCALER_PYTHON.*Python 3\.\d+.*Scaler ` +
			regexp.QuoteMeta(string(r)) + `\n$`); !want.Match(text) {
			t.Errorf("--version prints %q", text)
		}
	}
}
