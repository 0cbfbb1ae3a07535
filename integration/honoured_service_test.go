package integration

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
)

// What a service manager does to a manager, and is told by it.
func TestService(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{policy: policyVanilla})
		for _, p := range []part{
			{"bare surroundings", c.checkBare},
			{"log file moved", c.checkReopen},
			{"log configuration", c.checkLogConfiguration},
			{"notifications", c.checkNotify},
		} {
			t.Run(p.name, p.run)
		}
	}, honouring...)
}

// Without a home, standard input, programs in PATH, a folder to write into, and with files for nobody else.
func (c *cluster) checkBare(t *testing.T) {
	file := filepath.Join(c.mark.dir, "bare.log")
	// /proc is a folder in which root cannot make a file either.
	command := exec.Command("/bin/sh", "-c", `umask 077; cd /proc; exec "$@" <&-`, "sh", managerProgram(t, c.release), "baremetal_native",
		c.address, "--worker-manager-id", "bare", "--mode", "fixed", "--max-task-concurrency", "1",
		"--python", c.release.python(), "--logging-paths", file)
	command.Env = []string{"PATH=/nonexistent", markVariable + "=" + c.mark.value, roleVariable + "=bare", "TMPDIR=" + c.mark.temporary(t, "bare")}
	m := &manager{start(t, "bare", command, false), c.mark, "bare"}
	told := c.processor(t)
	checkTold(t, "the processor", told, map[string]any{"umask": 0o077, "directory": "/proc"})
	environment := told["environment"].(map[string]any)
	for _, name := range []string{"HOME", "USER", "LANG"} {
		if value, ok := environment[name]; ok {
			t.Errorf("the task has %s=%v from nowhere", name, value)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log has the mode %v (%v), want 0600", info.Mode(), err)
	}
	m.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// A log that somebody moved away goes on there until SIGHUP, and then under its name again.
func (c *cluster) checkReopen(t *testing.T) {
	file := filepath.Join(c.mark.dir, "moved.log")
	m := c.startManager(t, "moved", fixed("1", "--logging-paths", file))
	c.monitor.waitWorkers(t, "a worker", 1)
	if err := os.Rename(file, file+".1"); err != nil {
		t.Fatal(err)
	}
	m.signal(syscall.SIGHUP)
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(file); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("there is no new log after SIGHUP")
		}
	}
	m.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
	before, after := content(t, file+".1"), content(t, file)
	if !strings.Contains(before, "started worker") || strings.Contains(before, "SIGTERM") || !strings.Contains(after, "SIGTERM") {
		t.Errorf("the old log has:\n%s\nthe new one has:\n%s", before, after)
	}
}

// The file of Python's logging is no use to a program that is not Python, which is said.
func (c *cluster) checkLogConfiguration(t *testing.T) {
	m := c.startManager(t, "configuration", fixed("1", "--logging-config-file", "logging.conf"))
	c.checkAdds(t)
	m.end(t, syscall.SIGTERM)
	checkSaid(t, m.process, `logging_config_file is not used`, 1)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// Everything that sd_notify(3) names reaches the socket, and no worker knows of it.
func (c *cluster) checkNotify(t *testing.T) {
	path := filepath.Join(c.mark.dir, "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	told := newJournal()
	go func() {
		buffer := make([]byte, 4096)
		for {
			n, err := socket.Read(buffer)
			if err != nil {
				return
			}
			told.follow(strings.NewReader(string(buffer[:n]) + "\n"))
		}
	}()
	defer socket.Close()
	s := fixed("1", "--logging-paths", filepath.Join(c.mark.dir, "notified.log"))
	s.environment = []string{"NOTIFY_SOCKET=" + path, "WATCHDOG_USEC=400000"}
	m := c.startManager(t, "notified", s)
	for _, want := range []string{`^READY=1$`, `^STATUS=1 of 1 workers registered`} {
		awaitTold(t, told, want, 1)
	}
	environment := c.processor(t)["environment"].(map[string]any)
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		if value, ok := environment[name]; ok {
			t.Errorf("the task has %s=%v", name, value)
		}
	}
	awaitTold(t, told, `^WATCHDOG=1$`, 3)
	m.signal(syscall.SIGHUP) // as for a reload, of which the end is told too
	for _, want := range []string{`^RELOADING=1$`, `^MONOTONIC_USEC=[1-9]\d*$`} {
		awaitTold(t, told, want, 1)
	}
	awaitTold(t, told, `^READY=1$`, 2)
	if strings.Contains(told.String(), "STOPPING") {
		t.Error("the manager says that it stops before it does")
	}
	m.end(t, syscall.SIGTERM)
	awaitTold(t, told, `^STOPPING=1$`, 1)
	c.monitor.waitWorkers(t, "no worker", 0)
}

// awaitTold waits for as many lines of a kind. The journal of datagrams counts as ended after each, so it is asked anew.
func awaitTold(t *testing.T, told *journal, pattern string, count int) {
	t.Helper()
	kind := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(20 * time.Millisecond) {
		lines, _, _ := told.since(0)
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
			t.Fatalf("the service manager was not told %s %d times, but:\n%s", pattern, count, told)
		}
	}
}

// The version names the program's own and, when there is one, that of the Scaler it would run.
func TestVersion(t *testing.T) {
	for _, r := range releases(t, honouring...) {
		command := exec.Command(managerProgram(t, r), "--version")
		command.Env = append(newMark(t).environment(t, "version"), "SCALER_PYTHON="+r.python())
		text, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		if want := regexp.MustCompile(`^scaler-native \S+ .*\n.*SCALER_PYTHON.*Python 3\.\d+.*Scaler ` + regexp.QuoteMeta(string(r)) + `\n$`); !want.Match(text) {
			t.Errorf("--version prints %q", text)
		}
	}
}
