package faults

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A task's child counts for its worker also in a session of its own: over the limit it is ended, and the worker serves
// on.
func TestFaultMemoryDetached(t *testing.T) {
	for _, how := range []string{"popen", "fork"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			c := cluster.New(t, "2.9.0", cluster.Layout{})
			m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-memory-limit", "250M", "--stop-timeout-seconds", "4"))
			c.Monitor.WaitWorkers(t, "1 worker", 1)
			path := filepath.Join(c.Mark.Dir, "hog")
			client := c.StartClient(t, "hog.py", c.Address, path, how, "500")
			hog := cluster.AwaitPID(t, client, path)
			for deadline := time.Now().Add(15 * time.Second); cluster.Alive(hog); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Errorf("a child of a task (pid %d) has %d MB; the limit of its worker is 250", hog, cluster.Resident(hog)>>20)
					break
				}
			}
			var answer struct {
				Fate string
				Next int
			}
			client.Answer(t, 0, &answer)
			client.Finish(t)
			t.Logf("%+v", answer)
			c.Monitor.Drain()
			if answer.Next == 0 || len(c.Monitor.State.Ever) != 1 {
				t.Errorf("the next task ran in process %d, %d workers have served; want only the first one", answer.Next,
					len(c.Monitor.State.Ever))
			}
			m.End(t, syscall.SIGTERM)
		})
	}
}

// A suspended processor is not ended though it is the largest: Scaler's worker does not survive that up to 2.6.0
// (upstream's issue 921). The task that runs beside it is, and the suspended one goes on when it hears of that.
func TestFaultMemorySuspended(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("1", "--worker-memory-limit", "400M", "--stop-timeout-seconds", "4"))
		c.Monitor.WaitWorkers(t, "1 worker", 1)
		var answer struct {
			Inner, Error string
			Next         int
		}
		client := c.StartClient(t, "heavy.py", c.Address, "250", "200")
		if line, ok := client.Answers.Wait(cluster.AnyObject, 0, 100*time.Second); !ok {
			t.Fatalf("the client has not answered: %q", line)
		}
		client.Answer(t, 0, &answer)
		t.Logf("%+v", answer)
		if answer.Error != "" || answer.Inner != "ProcessorDiedError" {
			t.Errorf("the outer task failed with %q, the inner one: %q; want the inner one ended and the outer one told",
				answer.Error, answer.Inner)
		}
		c.Monitor.Drain()
		if answer.Next == 0 || len(c.Monitor.State.Ever) != 1 {
			t.Errorf("the next task ran in process %d, %d workers have served; want only the first one", answer.Next,
				len(c.Monitor.State.Ever))
		}
		m.End(t, syscall.SIGTERM)
	}, "2.6.0", "2.9.0")
}
