package integration

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A task's child counts for its worker also in a session of its own: over the limit it is ended, and the worker serves on.
func TestFaultMemoryDetached(t *testing.T) {
	for _, how := range []string{"popen", "fork"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, "2.9.0", layout{})
			m := c.startManager(t, "manager", fixed("1", "--worker-memory-limit", "250M", "--stop-timeout-seconds", "4"))
			c.monitor.waitWorkers(t, "1 worker", 1)
			path := filepath.Join(c.mark.dir, "hog")
			client := c.startClient(t, "hog.py", c.address, path, how, "500")
			hog := awaitPID(t, client, path)
			for deadline := time.Now().Add(15 * time.Second); alive(hog); time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Errorf("a child of a task (pid %d) holds %d MB, and its worker may have 250", hog, resident(hog)>>20)
					break
				}
			}
			var answer struct {
				Fate string
				Next int
			}
			client.answer(t, 0, &answer)
			client.finish(t)
			t.Logf("%+v", answer)
			c.monitor.drain()
			if answer.Next == 0 || len(c.monitor.state.Ever) != 1 {
				t.Errorf("the next task ran in process %d, %d workers have served; want the one that there was", answer.Next, len(c.monitor.state.Ever))
			}
			m.end(t, syscall.SIGTERM)
		})
	}
}

// A suspended processor is not ended though it is the largest: Scaler's worker does not survive that up to 2.6.0
// (upstream's issue 921). The task that runs beside it is, and the suspended one goes on when it hears of that.
func TestFaultMemorySuspended(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("1", "--worker-memory-limit", "400M", "--stop-timeout-seconds", "4"))
		c.monitor.waitWorkers(t, "1 worker", 1)
		var answer struct {
			Inner, Error string
			Next         int
		}
		client := c.startClient(t, "heavy.py", c.address, "250", "200")
		if line, ok := client.answers.wait(anyObject, 0, 100*time.Second); !ok {
			t.Fatalf("the client gives no answer: %q", line)
		}
		client.answer(t, 0, &answer)
		t.Logf("%+v", answer)
		if answer.Error != "" || answer.Inner != "ProcessorDiedError" {
			t.Errorf("the outer task failed with %q, the inner one's fate is %q; want the inner one ended and the outer one told", answer.Error, answer.Inner)
		}
		c.monitor.drain()
		if answer.Next == 0 || len(c.monitor.state.Ever) != 1 {
			t.Errorf("the next task ran in process %d, %d workers have served; want the one that there was", answer.Next, len(c.monitor.state.Ever))
		}
		m.end(t, syscall.SIGTERM)
	}, "2.6.0", "2.9.0")
}
