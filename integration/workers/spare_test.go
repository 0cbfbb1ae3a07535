package workers

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

var spareIsReady = regexp.MustCompile(`spare processor (\d+) of (worker \S+|a new worker) ` +
	`is ready and takes ([\d.]+) ?M`)

// awaitSpare waits until the manager reports a spare processor that is not a known one, and returns its pid.
func awaitSpare(t *testing.T, m *cluster.Manager, known ...int) int {
	t.Helper()
	for deadline := time.Now().Add(cluster.StopTimeout); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		found := spareIsReady.FindAllStringSubmatch(m.Output.String(), -1)
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
	t.Fatalf("no other spare processor than %v", known)
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

// The next task of a worker runs in the spare processor, however the one before ended.
func TestSpareProcessor(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-agent", "native", "--logging-level", "DEBUG"))
		w := c.StartTasker(t)
		worker := cluster.ParentOf(t, w.PID(t, "first"))
		spare := awaitSpare(t, m)
		if name := nameOf(t, spare); name != "scaler-spare" {
			t.Errorf("the spare processor is shown as %q", name)
		}
		taken := func(what string, pid int) {
			t.Helper()
			if pid != spare || cluster.ParentOf(t, pid) != worker || nameOf(t, pid) != "scaler-task" {
				t.Errorf("%s ran in process %d (%s) of %d, want %d of %d", what, pid, nameOf(t, pid), cluster.ParentOf(t, pid),
					spare, worker)
			}
			if group, err := syscall.Getpgid(pid); err != nil || group != worker {
				t.Errorf("process %d is in the group %d (%v)", pid, group, err)
			}
			spare = awaitSpare(t, m, spare)
		}

		w.Submit(t, "cancelled", "sleep", 600)
		w.Running(t, "cancelled")
		w.Cancel(t, "cancelled")
		taken("the task after a cancelled one", w.PID(t, "after cancel"))

		w.Submit(t, "outer", "outer", c.Address, 1)
		w.Running(t, "outer")
		inner := w.Running(t, "outer.inner")
		taken("the task that a task waits for", inner)
		w.Await(t, "outer")

		w.Submit(t, "killed", "sleep", 600)
		cluster.Kill(t, w.Running(t, "killed"))
		w.Await(t, "killed")
		taken("the task after a killed processor", w.PID(t, "after kill"))

		// The death of a spare processor costs nothing, and another one follows.
		cluster.Kill(t, spare)
		spare = awaitSpare(t, m, spare)

		// A stopped one is left alone.
		if err := syscall.Kill(spare, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		w.Submit(t, "killed again", "sleep", 600)
		cluster.Kill(t, w.Running(t, "killed again"))
		w.Await(t, "killed again")
		if pid := w.PID(t, "after a stopped spare"); pid == spare || cluster.ParentOf(t, pid) != worker {
			t.Errorf("the task ran in process %d of worker %d", pid, cluster.ParentOf(t, pid))
		}
		awaitSpare(t, m, spare)
		w.CheckOnce(t, "cancelled", "outer", "outer.inner", "killed", "killed again")
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.EachFarewell...)
}

// In dynamic mode, a worker with a processor is ready for the first task.
func TestSpareWorker(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Dynamic("2", "--worker-agent", "native", "--logging-level", "DEBUG",
			"--scale-down-cooldown-seconds", "0",
			"--worker-env", "SLOT={slot}", "--nice", "1"))
		spare := awaitSpare(t, m)
		w := c.StartTasker(t)
		w.Submit(t, "first", "sleep", 1) // the worker may stop as soon as it has nothing to do
		if pid := w.Running(t, "first"); pid != spare {
			t.Errorf("the first task ran in process %d, not in %d", pid, spare)
		}
		if priority, err := syscall.Getpriority(syscall.PRIO_PROCESS, spare); err != nil || 20-priority < 1 {
			t.Errorf("its niceness is %d, %v", 20-priority, err)
		}
		w.Value(t, "first")
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.OldAndNew...)
}

func TestNoSpareProcessors(t *testing.T) {
	for _, arguments := range [][]string{{"--spare-processors", "0"}, {"--worker-agent", "scaler"}} {
		c := cluster.New(t, cluster.Newest[0], cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Dynamic("1", append(arguments, "--logging-level", "DEBUG")...))
		c.CheckAdds(t)
		time.Sleep(time.Second) // one would be made after 0.2 s
		for _, p := range m.Mark.Processes(m.Name) {
			if strings.Contains(p.Command, "scaler: spare") {
				t.Errorf("%v: there is %s", arguments, p.Command)
			}
		}
		told := strings.Contains(m.Output.String(), "no spare processors are kept: workers have Scaler's own agents")
		if told != (arguments[0] == "--worker-agent") {
			t.Errorf("%v: told of it: %v", arguments, told)
		}
		m.End(t, syscall.SIGTERM)
	}
}

// Spare processors and spare workers end with their worker, host or manager.
func TestSpareProcessorsAreNotLeft(t *testing.T) {
	for _, s := range []cluster.Setup{cluster.Fixed("1"), cluster.Dynamic("1")} {
		s.Arguments = append(s.Arguments, "--worker-agent", "native", "--logging-level", "DEBUG")
		c := cluster.New(t, cluster.Newest[0], cluster.Layout{})
		m := c.StartManager(t, "manager", s)
		spare := awaitSpare(t, m)
		host := 0
		for _, p := range m.Mark.Processes(m.Name) {
			if strings.Contains(p.Command, "scaler: worker host") {
				host = p.Pid
			}
		}
		cluster.Kill(t, host)
		another := awaitSpare(t, m, spare)
		if err := syscall.Kill(spare, 0); err != syscall.ESRCH {
			t.Errorf("the spare processor of a dead host: %v", err)
		}
		if err := syscall.Kill(another, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		m.Signal(syscall.SIGKILL)
		for _, left := range cluster.AwaitNone(m.Mark, 2*time.Second, m.Name) {
			t.Errorf("left behind: process %d (%s)", left.Pid, left.Command)
		}
	}
}
