package integration

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The worker host is killed while a hundred workers start: all of them come all the same.
func TestFaultHostStarting(t *testing.T) {
	list := newest
	if os.Getenv("SCALER_FAULTS") != "" {
		list = oldAndNew
	}
	for _, r := range list {
		t.Run(string(r), func(t *testing.T) {
			s := startScale(t, r, 100)
			s.awaitStarted(t, 30)
			if err := syscall.Kill(hostOf(s.manager), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			s.awaitRegistered(t)
			s.end(t)
		})
	}
}

// groupTime is how long a worker's process group may outlive the worker host.
const groupTime = 2 * time.Second

// Children that tasks started in their worker's process group, and that ignore what asks them to end, do not outlive
// the host. Which comes first, the worker's end or the host's, is up to the kernel: hence many workers and rounds.
func TestFaultHostChildren(t *testing.T) {
	t.Parallel()
	const workers, rounds = 8, 6
	c := newCluster(t, "2.9.0", layout{})
	m := c.startManager(t, "manager", fixed("8", "--stop-timeout-seconds", "4"))
	dead := map[string]bool{} // workers of hosts that were killed
	living := func(s *state) bool {
		for id := range s.Connected {
			if dead[id] {
				return false
			}
		}
		return len(s.Connected) == workers
	}
	for round := range rounds {
		c.monitor.wait(t, "8 workers", connectTimeout, living)
		before := maps.Clone(c.monitor.state.Connected)
		var answer struct{ Spawned []int }
		c.ask(t, &answer, "spawn.py", "16")
		for _, pid := range answer.Spawned {
			if !alive(pid) {
				t.Fatalf("child %d of a task has ended by itself", pid)
			}
		}
		if err := syscall.Kill(hostOf(m), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		deadline := time.Now().Add(groupTime)
		for left := answer.Spawned; len(left) > 0; time.Sleep(10 * time.Millisecond) {
			var still []int
			for _, pid := range left {
				if alive(pid) {
					still = append(still, pid)
				}
			}
			if left = still; len(left) > 0 && time.Now().After(deadline) {
				t.Errorf("round %d: %d of %d children of tasks live %v after their worker host", round, len(left), len(answer.Spawned), groupTime)
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
	c.monitor.wait(t, "8 workers at the end", connectTimeout, living)
	m.end(t, syscall.SIGTERM)
}

var hostReady = regexp.MustCompile(`another worker host .* is ready`)

// lateExits has the workers of a dead host die after the next host is ready, as ones do that have much memory to give
// back. Here a tracer holds them: the kernel tells a parent of the end of a traced child when its tracer has waited for it.
func lateExits(s *scene) {
	runtime.LockOSThread() // only the thread that traces may
	defer runtime.UnlockOSThread()
	var held []int
	for _, worker := range workersOf(s.manager) {
		if err := unix.PtraceSeize(worker); err != nil {
			s.t.Fatalf("cannot trace worker %d: %v", worker, err)
		}
		held = append(held, worker)
	}
	s.begins(s.everyone()...)
	s.signal(hostOf(s.manager), syscall.SIGKILL)
	if _, ok := s.manager.output.wait(hostReady, 0, connectTimeout); !ok {
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
	// What matters is who is started from now on: so one of the new workers dies too.
	s.since = time.Now()
	if _, ok := s.load.awaitConcurrent(s.t, s.since, sceneWorkers, pythonPatience); !ok {
		s.t.Errorf("%d workers are not at work %v after the host's death", sceneWorkers, pythonPatience)
		return
	}
	everyone := s.everyone()
	worker, _ := s.worker()
	s.begins(everyone...)
	s.signal(worker, syscall.SIGKILL)
}

// hangOnce has the first interpreter hang that starts when the file is there.
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

func (s *scene) modules() string { return filepath.Join(s.cluster.mark.dir, "modules") }

func hangAtRestart(s *scene, start *setup) {
	if err := os.MkdirAll(s.modules(), 0o755); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.modules(), "sitecustomize.py"), []byte(hangOnce), 0o644); err != nil {
		s.t.Fatal(err)
	}
	start.environment = append(start.environment, "PYTHONPATH="+s.modules(), "PYTHONDONTWRITEBYTECODE=1")
}

// killForHanging kills the host; the next one hangs in its imports.
func killForHanging(s *scene) {
	flag := filepath.Join(s.modules(), "hang")
	if err := os.WriteFile(flag, nil, 0o600); err != nil {
		s.t.Fatal(err)
	}
	killHost(s)
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(flag + "s"); err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatal("no other worker host is started")
		}
	}
}
