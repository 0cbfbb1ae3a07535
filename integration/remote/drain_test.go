package remote

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Scaler's manager hands on none of our own options, but the image may: a script in place of the program adds one by
// which a machine that is stopped finishes its tasks. None runs twice then.
func TestDrain(t *testing.T) {
	needThorough(t)
	needOurs(t)
	t.Parallel()
	r := cluster.Newest[0]
	c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
	image := imageOf(t, r)
	image.wrap(t, "--drain-on-terminate", "20")
	cloud := newCloud(t, c.Mark, image, ecs.grace)
	startManager(t, c, cloud, ecs, "--max-task-concurrency", ecs.concurrency(r))
	load := c.StartLoad(t, "load", 60, 0.2, cluster.ClientTimeout)
	cloud.AwaitMachine(t, 2)
	c.Monitor.WaitWorkers(t, "the workers of two machines", 4)
	load.Set(t, 3, 2)
	cloud.AwaitStop(t).checkEnded(t, ecs)
	if h, ok := load.Finish(t); !ok || h.Lost() > 0 {
		t.Errorf("the load ended with %+v", h)
	}
	for _, e := range load.Executions(t) {
		if e.End.IsZero() {
			t.Errorf("task %d did not come to its end", e.Task)
		}
	}
}

// wrap has the program of the image start with more options, as its owner may.
func (i Image) wrap(t *testing.T, options ...string) {
	t.Helper()
	program := filepath.Join(i.Bin, "scaler_worker_manager")
	target, err := os.Readlink(program)
	if err == nil {
		err = os.Remove(program)
	}
	if err != nil {
		t.Fatal(err)
	}
	write(t, program, fmt.Sprintf("#!/bin/sh\nexec %s \"$@\" %s %s\n", target, options[0], options[1]))
}
