package integration

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A task kills its parent process: its own worker may be lost by that, and no other one. Long tasks on the others are
// executed once and have their results.
func TestFaultParentKilled(t *testing.T) {
	const workers = 8
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "manager", fixed("8", "--restart", "on-failure", "--stop-timeout-seconds", "4"))
		c.monitor.waitWorkers(t, "8 workers", workers)
		journal := filepath.Join(c.mark.dir, "parricide")
		var answer struct {
			Right  int
			Runs   map[string]int // of each innocent task
			Errors []string
			Killer string // what became of the task itself
		}
		client := c.startClient(t, "parricide.py", c.address, journal, "7")
		client.answer(t, 0, &answer)
		client.finish(t)
		t.Logf("%+v", answer)
		if answer.Right != workers-1 {
			t.Errorf("%d of %d innocent tasks have their results: %v", answer.Right, workers-1, answer.Errors)
		}
		for task, runs := range answer.Runs {
			if runs != 1 {
				t.Errorf("innocent task %s was executed %d times", task, runs)
			}
		}
		c.monitor.drain()
		if ever := len(c.monitor.state.Ever); ever > workers+1 {
			t.Errorf("%d workers have served, want %d at most: one was replaced", ever, workers+1)
		}
		m.end(t, syscall.SIGTERM)
	}, oldAndNew...)
}
