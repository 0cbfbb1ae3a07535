package faults

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"golang.org/x/sys/unix"
)

// The worker host is killed while a hundred workers start: all of them still start.
func TestFaultHostStarting(t *testing.T) {
	list := cluster.Newest
	if os.Getenv("SCALER_FAULTS") != "" {
		list = cluster.OldAndNew
	}
	for _, r := range list {
		t.Run(string(r), func(t *testing.T) {
			s := startScale(t, r, 100)
			s.awaitStarted(t, 30)
			if err := syscall.Kill(cluster.HostOf(s.manager), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			s.awaitRegistered(t)
			s.end(t)
		})
	}
}

// groupTime is how long a worker's process group may outlive the worker host.
const groupTime = 2 * time.Second

// Children that tasks started in their worker's process group, and that ignore signals to end, do not outlive the host.
// The kernel decides whether the worker or the host ends first: hence many workers and rounds.
func TestFaultHostChildren(t *testing.T) {
	t.Parallel()
	const workers, rounds = 8, 6
	c := cluster.New(t, "2.9.0", cluster.Layout{})
	m := c.StartManager(t, "manager", cluster.Fixed("8", "--stop-timeout-seconds", "4"))
	dead := map[string]bool{} // workers of hosts that were killed
	living := func(s *cluster.State) bool {
		for id := range s.Connected {
			if dead[id] {
				return false
			}
		}
		return len(s.Connected) == workers
	}
	for round := range rounds {
		c.Monitor.Wait(t, "8 workers", cluster.ConnectTimeout, living)
		before := maps.Clone(c.Monitor.State.Connected)
		var answer struct{ Spawned []int }
		c.Ask(t, &answer, "spawn.py", "16")
		for _, pid := range answer.Spawned {
			if !cluster.Alive(pid) {
				t.Fatalf("child %d of a task has ended by itself", pid)
			}
		}
		if err := syscall.Kill(cluster.HostOf(m), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(groupTime)
		for left := answer.Spawned; len(left) > 0; time.Sleep(10 * time.Millisecond) {
			var still []int
			for _, pid := range left {
				if cluster.Alive(pid) {
					still = append(still, pid)
				}
			}
			if left = still; len(left) > 0 && time.Now().After(deadline) {
				t.Errorf("round %d: %d of %d children of tasks are alive %v after the end of their worker host", round, len(left),
					len(answer.Spawned), groupTime)
				for _, pid := range left {
					_ = syscall.Kill(pid, syscall.SIGKILL)
				}
				break
			}
		}
		for id := range before {
			dead[id] = true
		}
	}
	c.Monitor.Wait(t, "8 workers at the end", cluster.ConnectTimeout, living)
	m.End(t, syscall.SIGTERM)
}

var hostReady = regexp.MustCompile(`another worker host .* is ready`)

// lateExits lets the workers of a dead host end only after the next host is ready, as workers with much memory do. Here
// a tracer holds them: the kernel reports the end of a traced child to its parent only after the tracer has waited for
// it.
func lateExits(s *scene) {
	runtime.LockOSThread() // only the thread that traces may
	defer runtime.UnlockOSThread()
	var held []int
	for _, worker := range cluster.WorkersOf(s.manager) {
		if err := unix.PtraceSeize(worker); err != nil {
			s.t.Fatalf("cannot trace worker %d: %v", worker, err)
		}
		held = append(held, worker)
	}
	s.begins(s.everyone()...)
	s.signal(cluster.HostOf(s.manager), syscall.SIGKILL)
	if _, ok := s.manager.Output.Wait(hostReady, 0, cluster.ConnectTimeout); !ok {
		s.t.Error("no other worker host is ready")
	}
	for _, worker := range held {
		for ended := false; !ended; { // it stops first where a signal comes
			var status unix.WaitStatus
			_, err := unix.Wait4(worker, &status, unix.WALL, nil)
			if err != nil && err != unix.EINTR {
				s.t.Fatalf("cannot wait for worker %d: %v", worker, err)
			}
			ended = err == nil && (status.Exited() || status.Signaled())
		}
	}
	// Workers that start from now on matter, so one of the new ones dies, too.
	s.since = time.Now()
	if _, ok := s.load.AwaitConcurrent(s.t, s.since, sceneWorkers, pythonPatience); !ok {
		s.t.Errorf("%d workers are not at work %v after the host's death", sceneWorkers, pythonPatience)
		return
	}
	worker, processor := s.worker()
	s.begins(processor)
	s.signal(worker, syscall.SIGKILL)
}

// hangOnce hangs the first interpreter that starts while the file exists.
const hangOnce = `import os, time
path = os.path.join(os.path.dirname(__file__), "hang")
try:
    os.rename(path, path + "s")
except OSError:
    pass
else:
    while True:
        time.sleep(1000)
`

func (s *scene) modules() string { return filepath.Join(s.cluster.Mark.Dir, "modules") }

func hangAtRestart(s *scene, start *cluster.Setup) {
	if err := os.MkdirAll(s.modules(), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.modules(), "sitecustomize.py"), []byte(hangOnce), 0o644); err != nil {
		s.t.Fatal(err)
	}
	start.Environment = append(start.Environment, "PYTHONPATH="+s.modules(), "PYTHONDONTWRITEBYTECODE=1")
}

// killForHanging kills the host; the next one hangs in its imports.
func killForHanging(s *scene) {
	flag := filepath.Join(s.modules(), "hang")
	if err := os.WriteFile(flag, nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	killHost(s)
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(flag + "s"); err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("no other worker host has started")
		}
	}
}
