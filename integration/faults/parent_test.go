package faults

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A task kills its parent process: its own worker may be lost by that, and no other one. Long tasks on the others are
// executed once and have their results.
func TestFaultParentKilled(t *testing.T) {
	const workers = 8
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "manager", cluster.Fixed("8", "--restart", "on-failure", "--stop-timeout-seconds", "4"))
		c.Monitor.WaitWorkers(t, "8 workers", workers)
		journal := filepath.Join(c.Mark.Dir, "parricide")
		var answer struct {
			Right  int
			Runs   map[string]int // of each innocent task
			Errors []string
			Killer string // what became of the task itself
		}
		client := c.StartClient(t, "parricide.py", c.Address, journal, "7")
		client.Answer(t, 0, &answer)
		client.Finish(t)
		t.Logf("%+v", answer)
		if answer.Right != workers-1 {
			t.Errorf("%d of %d innocent tasks have their results: %v", answer.Right, workers-1, answer.Errors)
		}
		for task, runs := range answer.Runs {
			if runs != 1 {
				t.Errorf("innocent task %s ran %d times", task, runs)
			}
		}
		c.Monitor.Drain()
		if ever := len(c.Monitor.State.Ever); ever > workers+1 {
			t.Errorf("%d workers have served, want %d at most, with the replacement of one", ever, workers+1)
		}
		m.End(t, syscall.SIGTERM)
	}, cluster.OldAndNew...)
}
