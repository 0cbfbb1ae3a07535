package containers

import (
	"fmt"
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

// contained makes the manager process 1 of a PID namespace. Its pid outside is that of the test's process.
func contained(t *testing.T, c *cluster.Cluster, s cluster.Setup) cluster.Setup {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("namespaces need root")
	}
	if s.Program == "" {
		s.Program = cluster.ManagerProgram(t, c.Release)
	}
	path := filepath.Join(c.Mark.Dir, "contained.sh")
	// Neither mount nor setpriv stays: each line replaces or ends before the manager, so that it has pid 1.
	script := fmt.Sprintf("#!/bin/sh\nset -e\nmount --make-rprivate /\nmount -t proc proc /proc\n"+
		"exec setpriv --bounding-set=-all --inh-caps=-all --no-new-privs %s \"$@\"\n", s.Program)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s.Program = path
	s.Attributes = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID | syscall.CLONE_NEWNS, Setpgid: true}
	return s
}

// inside runs scaler-native in the namespaces of a manager, as `docker exec` does.
func inside(t *testing.T, m *cluster.Manager, arguments ...string) (output string, status int) {
	t.Helper()
	command := exec.Command("nsenter", append([]string{"--target", fmt.Sprint(m.PID()), "--pid", "--mount",
		cluster.Repository("bin", "scaler-native")}, arguments...)...)
	command.Env = m.Mark.Environment(t, "exec")
	text, err := command.CombinedOutput()
	if command.ProcessState == nil {
		t.Fatal(err)
	}
	return string(text), command.ProcessState.ExitCode()
}

// await polls for what the kernel has no event for.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", cluster.ConnectTimeout, what)
		}
	}
}

// What a process 1 has to do: reap what tasks leave, take signals, and be found by commands that run beside it.
func TestFirstProcess(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "first", contained(t, c, cluster.Fixed("2", "--drain-on-terminate", "60")))
		c.Monitor.WaitWorkers(t, "2 workers", 2)
		status := cluster.Content(t, fmt.Sprintf("/proc/%d/status", m.PID()))
		for _, want := range []string{`(?m)^NSpid:\t\d+\t1$`, `(?m)^CapEff:\t0+$`} {
			if !regexp.MustCompile(want).MatchString(status) {
				t.Fatalf("the manager is not in its own namespace without capabilities, no %s:\n%s", want, status)
			}
		}
		c.CheckAdds(t)

		checkReaps(t, c, m)

		output, code := inside(t, m, "status")
		row := regexp.MustCompile(`(?m)^[0-9a-f]{8} +(\d+) `).FindStringSubmatch(output)
		if code != 0 || row == nil {
			t.Fatalf("scaler-native status inside: status %d\n%s", code, output)
		}
		if output, code := inside(t, m, "stacks", row[1]); code != 0 || !strings.Contains(output, "processor") {
			t.Errorf("scaler-native stacks %s inside: status %d\n%s", row[1], code, output)
		}

		w := c.StartTasker(t)
		w.Submit(t, "long", "sleep", 3)
		w.Running(t, "long")
		m.Signal(syscall.SIGTERM)
		if status, ok := m.Wait(cluster.StopTimeout); !ok || status != 0 {
			t.Errorf("after SIGTERM: status %d, ended: %t", status, ok)
		}
		w.CheckOnce(t, "long")
		cluster.CheckNothingLeft(t, m.Mark, m.Name, nil)
	}, cluster.OldAndNew...)
}

// checkReaps has tasks leave processes behind, as orphans, and ends those.
func checkReaps(t *testing.T, c *cluster.Cluster, m *cluster.Manager) {
	t.Helper()
	var answer struct{ Detached []int }
	c.Ask(t, &answer, "detach.py", "6")
	orphans := func() (list []int) {
		for _, pid := range cluster.Descendants(m.PID()) {
			if text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)); strings.HasPrefix(string(text), "sleep") {
				list = append(list, pid)
			}
		}
		return list
	}
	left := orphans()
	if len(left) != len(answer.Detached) {
		t.Errorf("%d orphans, want %d", len(left), len(answer.Detached))
	}
	for _, pid := range left {
		cluster.Kill(t, pid)
	}
	await(t, "all orphans are reaped", func() bool {
		for _, parent := range append(cluster.Descendants(m.PID()), m.PID()) {
			for _, child := range cluster.Children(parent) {
				if s, ok := cluster.ReadStat(child); ok && s.State == "Z" {
					return false
				}
			}
		}
		return len(orphans()) == 0
	})
}

// A container is restarted in place: its processes have the same pids as before, and its folder for temporary files
// still has the sockets of the manager that was killed.
func TestFirstProcessAgain(t *testing.T) {
	r := cluster.Releases(t, cluster.Newest...)[0]
	c := cluster.New(t, r, cluster.Layout{})
	setup := contained(t, c, cluster.Fixed("1"))
	m := c.StartManager(t, "again", setup)
	for range 2 {
		m.AwaitKnown(t)
		m.Signal(syscall.SIGKILL)
		if left := cluster.AwaitNone(m.Mark, cluster.LeakGrace, m.Name); len(left) > 0 {
			t.Fatalf("left after SIGKILL: %+v", left)
		}
		<-m.Ended
		m = c.StartManager(t, "again", setup)
		m.AwaitKnown(t)
		if output, status := inside(t, m, "status"); status != 0 || !strings.Contains(output, "1 registered") {
			t.Errorf("scaler-native status inside: status %d\n%s", status, output)
		}
	}
	m.End(t, syscall.SIGTERM)
}

// The kernel drops a signal to process 1 that has no handler: one that comes early must end the manager all the same.
func TestFirstProcessEndsEarly(t *testing.T) {
	r := cluster.Releases(t, cluster.Newest...)[0]
	c := cluster.Reserve(t, r, cluster.Layout{})
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		m := c.StartManager(t, "early"+fmt.Sprint(int(signal)), contained(t, c, cluster.Fixed("1")))
		await(t, "the manager runs", func() bool {
			path, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", m.PID()))
			return strings.HasSuffix(path, "scaler_worker_manager")
		})
		m.Signal(signal)
		if _, ok := m.Wait(cluster.StopTimeout); !ok {
			t.Errorf("signal %d is lost", signal)
			m.Kill()
		}
		cluster.CheckNothingLeft(t, m.Mark, m.Name, nil)
	}
}
