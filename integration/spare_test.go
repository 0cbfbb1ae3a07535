package integration

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

var spareIsReady = regexp.MustCompile(`spare processor (\d+) of (worker \S+|a new worker) is ready and takes ([\d.]+) ?M`)

// spare waits for the first spare processor that the manager tells of and that was not known, and returns its pid.
func (m *manager) spare(t *testing.T, known ...int) int {
	t.Helper()
	for deadline := time.Now().Add(stopTimeout); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		found := spareIsReady.FindAllStringSubmatch(m.output.String(), -1)
		if len(found) == 0 {
			continue
		}
		last := found[len(found)-1]
		pid, _ := strconv.Atoi(last[1])
		fresh := true
		for _, other := range known {
			fresh = fresh && pid != other
		}
		if fresh {
			return pid
		}
	}
	t.Fatalf("no spare processor but %v", known)
	return 0
}

func nameOf(t *testing.T, pid int) string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/comm")
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// A worker's next task finds the spare processor, whatever became of the one before.
func TestSpareProcessor(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-agent", "native", "--logging-level", "DEBUG"))
		w := c.startTasker(t)
		worker := parentOf(t, w.pid(t, "first"))
		spare := m.spare(t)
		if name := nameOf(t, spare); name != "scaler-spare" {
			t.Errorf("the spare processor is shown as %q", name)
		}
		taken := func(what string, pid int) {
			t.Helper()
			if pid != spare || parentOf(t, pid) != worker || nameOf(t, pid) != "scaler-task" {
				t.Errorf("%s ran in process %d (%s) of %d, want %d of %d", what, pid, nameOf(t, pid), parentOf(t, pid), spare, worker)
			}
			if group, err := syscall.Getpgid(pid); err != nil || group != worker {
				t.Errorf("process %d is of the group %d, %v", pid, group, err)
			}
			spare = m.spare(t, spare)
		}

		w.submit(t, "cancelled", "sleep", 600)
		w.running(t, "cancelled")
		w.cancel(t, "cancelled")
		taken("the task after a cancelled one", w.pid(t, "after cancel"))

		w.submit(t, "outer", "outer", c.address, 1)
		w.running(t, "outer")
		inner := w.running(t, "outer.inner")
		taken("the task that a task waits for", inner)
		w.await(t, "outer")

		w.submit(t, "killed", "sleep", 600)
		kill(t, w.running(t, "killed"))
		w.await(t, "killed")
		taken("the task after a killed processor", w.pid(t, "after kill"))

		// Its own death costs nothing, and there is another one.
		kill(t, spare)
		spare = m.spare(t, spare)

		// One that is stopped is left alone.
		if err := syscall.Kill(spare, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		w.submit(t, "killed again", "sleep", 600)
		kill(t, w.running(t, "killed again"))
		w.await(t, "killed again")
		if pid := w.pid(t, "after a stopped spare"); pid == spare || parentOf(t, pid) != worker {
			t.Errorf("it ran in process %d of %d", pid, parentOf(t, pid))
		}
		m.spare(t, spare)
		w.checkOnce(t, "cancelled", "outer", "outer.inner", "killed", "killed again")
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, agentReleases...)
}

// In dynamic mode a first task finds a worker with its processor.
func TestSpareWorker(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", dynamic("2", "--worker-agent", "native", "--logging-level", "DEBUG", "--scale-down-cooldown-seconds", "0",
			"--worker-env", "SLOT={slot}", "--nice", "1"))
		spare := m.spare(t)
		w := c.startTasker(t)
		if pid := w.pid(t, "first"); pid != spare {
			t.Errorf("the first task ran in process %d, not in %d", pid, spare)
		}
		if priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, spare); err != nil || 20-priority < 1 {
			t.Errorf("its niceness is %d, %v", 20-priority, err)
		}
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, oldAndNew...)
}

func TestNoSpareProcessors(t *testing.T) {
	for _, arguments := range [][]string{{"--spare-processors", "0"}, {"--worker-agent", "scaler"}} {
		c := newCluster(t, newest[0], layout{})
		m := c.startManager(t, "manager", dynamic("1", append(arguments, "--logging-level", "DEBUG")...))
		c.checkAdds(t)
		time.Sleep(time.Second) // one would be made after 0.2 s
		for _, p := range m.mark.processes(m.name) {
			if strings.Contains(p.command, "scaler: spare") {
				t.Errorf("%v: there is %s", arguments, p.command)
			}
		}
		told := strings.Contains(m.output.String(), "no spare processors are kept: workers have Scaler's own agents")
		if told != (arguments[0] == "--worker-agent") {
			t.Errorf("%v: told of it: %v", arguments, told)
		}
		m.end(t, syscall.SIGTERM)
	}
}

// Whoever dies, spare processors and spare workers die with him.
func TestSpareProcessorsAreNotLeft(t *testing.T) {
	for _, s := range []setup{fixed("1"), dynamic("1")} {
		s.arguments = append(s.arguments, "--worker-agent", "native", "--logging-level", "DEBUG")
		c := newCluster(t, newest[0], layout{})
		m := c.startManager(t, "manager", s)
		spare := m.spare(t)
		host := 0
		for _, p := range m.mark.processes(m.name) {
			if strings.Contains(p.command, "scaler: worker host") {
				host = p.pid
			}
		}
		kill(t, host)
		another := m.spare(t, spare)
		if err := syscall.Kill(spare, 0); err != syscall.ESRCH {
			t.Errorf("the spare processor of a dead host: %v", err)
		}
		if err := syscall.Kill(another, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		m.signal(syscall.SIGKILL)
		for _, left := range awaitNone(m.mark, 2*time.Second, m.name) {
			t.Errorf("left behind: process %d (%s)", left.pid, left.command)
		}
	}
}
