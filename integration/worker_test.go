package integration

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// One worker in fixed mode, and all that can happen to its processors.
func TestWorker(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		modules := c.mark.temporary(t, "modules")
		source := "LOADED = None\n\n\ndef load(value):\n    global LOADED\n    LOADED = value\n"
		if err := os.WriteFile(filepath.Join(modules, "warmed.py"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		s := fixed("1", "--preload", "warmed:load('hot')")
		s.environment = []string{"PYTHONPATH=" + modules, "PYTHONDONTWRITEBYTECODE=1"}
		m := c.startManager(t, "single", s)
		c.monitor.waitWorkers(t, "1 worker", 1)

		t.Run("preload", func(t *testing.T) { c.checkPreloaded(t, "hot") })
		// Before the nested client: with upstream's own manager, workers of 2.3.3 and 2.6.0 were seen not to get over the
		// death of a processor that had been suspended before.
		t.Run("processor killed", func(t *testing.T) {
			path := filepath.Join(c.mark.dir, "killed")
			client := c.startClient(t, "killed.py", c.address, path)
			pid := awaitPID(t, client, path)
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatalf("cannot kill processor %d: %v", pid, err)
			}
			var answer struct {
				Error, Message string
				Next           int
			}
			client.answer(t, 0, &answer)
			client.finish(t)
			// Upstream finds dead processors by their being zombies: the message proves that it had its chance.
			if answer.Error != "ProcessorDiedError" || !strings.Contains(answer.Message, "zombie") {
				t.Errorf("the client got %s(%q), want ProcessorDiedError with the status zombie", answer.Error, answer.Message)
			}
			if answer.Next == 0 || answer.Next == pid {
				t.Errorf("the next task ran in process %d, want a new one", answer.Next)
			}
			c.checkPreloaded(t, "hot")
		})
		t.Run("cancel", func(t *testing.T) {
			path := filepath.Join(c.mark.dir, "cancelled")
			var answer struct {
				Cancelled bool
				Next      int
			}
			c.ask(t, &answer, "cancel.py", path)
			if !answer.Cancelled || answer.Next == 0 {
				t.Errorf("cancelled: %t, next task in process %d; want true and another process", answer.Cancelled, answer.Next)
			}
			if pid := readPID(t, path); pid == answer.Next {
				t.Errorf("the cancelled task's processor %d ran the next task, want a new one", pid)
			}
			c.checkPreloaded(t, "hot")
		})
		t.Run("nested client", func(t *testing.T) {
			// The only worker suspends the outer task's processor and runs the inner task in a second one.
			var answer struct{ Value, Outer, Inner, Again int }
			c.ask(t, &answer, "nested.py")
			if answer.Value != 40 || answer.Again != 50 || answer.Outer == answer.Inner {
				t.Errorf("nested tasks gave %+v, want 40, 50 and two processes", answer)
			}
		})

		// All of it happened to one and the same worker.
		c.monitor.drain()
		if len(c.monitor.state.Ever) != 1 {
			t.Errorf("%d workers have served, want the first one alone", len(c.monitor.state.Ever))
		}
		m.end(t, syscall.SIGTERM)
	})
}

func (c *cluster) checkPreloaded(t *testing.T, want string) {
	t.Helper()
	var answer struct{ Loaded string }
	c.ask(t, &answer, "preloaded.py", "warmed")
	if answer.Loaded != want {
		t.Errorf("a task finds %q in the preloaded module, want %q", answer.Loaded, want)
	}
}

// awaitPID waits for the file by which a task tells its process id.
func awaitPID(t *testing.T, client *process, path string) int {
	t.Helper()
	for deadline := time.Now().Add(clientTimeout); ; {
		if _, err := os.Stat(path); err == nil {
			return readPID(t, path)
		}
		if time.Now().After(deadline) {
			t.Fatalf("no task has written %s", path)
		}
		select {
		case <-client.ended:
			t.Fatalf("%s has ended before its task wrote %s", client.name, path)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func readPID(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
