package workers

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// One worker in fixed mode serves on through all that can happen to its processors.
func TestWorker(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		modules := c.Mark.Temporary(t, "modules")
		source := "LOADED = None\n\n\ndef load(value):\n    global LOADED\n    LOADED = value\n"
		if err := os.WriteFile(filepath.Join(modules, "warmed.py"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		s := cluster.Fixed("1", "--preload", "warmed:load('hot')")
		s.Environment = []string{"PYTHONPATH=" + modules, "PYTHONDONTWRITEBYTECODE=1"}
		m := c.StartManager(t, "single", s)
		c.Monitor.WaitWorkers(t, "1 worker", 1)

		t.Run("preload", func(t *testing.T) { checkPreloaded(t, c, "hot") })
		// Before the nested client: with upstream's own manager, workers of 2.3.3 and 2.6.0 were seen not to get over the
		// death of a processor that had been suspended before.
		t.Run("processor killed", func(t *testing.T) {
			path := filepath.Join(c.Mark.Dir, "killed")
			client := c.StartClient(t, "killed.py", c.Address, path)
			pid := cluster.AwaitPID(t, client, path)
			if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
				t.Fatalf("cannot kill processor %d: %v", pid, err)
			}
			var answer struct {
				Error, Message string
				Next           int
			}
			client.Answer(t, 0, &answer)
			client.Finish(t)
			// Scaler's worker finds dead processors because they are zombies: the message proves that it could.
			if answer.Error != "ProcessorDiedError" || !strings.Contains(answer.Message, "zombie") {
				t.Errorf("the client got %s(%q), want ProcessorDiedError with the status zombie", answer.Error, answer.Message)
			}
			if answer.Next == 0 || answer.Next == pid {
				t.Errorf("the next task ran in process %d, want a new one", answer.Next)
			}
			checkPreloaded(t, c, "hot")
		})
		t.Run("cancel", func(t *testing.T) {
			path := filepath.Join(c.Mark.Dir, "cancelled")
			var answer struct {
				Cancelled bool
				Next      int
			}
			c.Ask(t, &answer, "cancel.py", path)
			if !answer.Cancelled || answer.Next == 0 {
				t.Errorf("cancelled: %t, next task in process %d; want true and another process", answer.Cancelled, answer.Next)
			}
			if pid := cluster.ReadPID(t, path); pid == answer.Next {
				t.Errorf("the cancelled task's processor %d ran the next task, want a new one", pid)
			}
			checkPreloaded(t, c, "hot")
		})
		t.Run("nested client", func(t *testing.T) {
			// The only worker suspends the outer task's processor and runs the inner task in a second one.
			var answer struct{ Value, Outer, Inner, Again int }
			c.Ask(t, &answer, "nested.py")
			if answer.Value != 40 || answer.Again != 50 || answer.Outer == answer.Inner {
				t.Errorf("nested tasks gave %+v, want 40, 50 and two processes", answer)
			}
		})

		// All of this happened to the same worker.
		c.Monitor.Drain()
		if len(c.Monitor.State.Ever) != 1 {
			t.Errorf("%d workers have served, want only the first one", len(c.Monitor.State.Ever))
		}
		m.End(t, syscall.SIGTERM)
	})
}

func checkPreloaded(t *testing.T, c *cluster.Cluster, want string) {
	t.Helper()
	var answer struct{ Loaded string }
	c.Ask(t, &answer, "preloaded.py", "warmed")
	if answer.Loaded != want {
		t.Errorf("a task finds %q in the preloaded module, want %q", answer.Loaded, want)
	}
}
