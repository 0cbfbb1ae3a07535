package remote

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A machine whose manager cannot start ends with one line that says why and a status.
func TestFailing(t *testing.T) {
	needOurs(t)
	t.Parallel()
	for _, failure := range []struct {
		name    string
		options []string
		bare    bool // of an image without Scaler
		status  int
		says    string
	}{
		{"an id of two words, which the command does not quote", []string{"--worker-manager-id", "two words"}, false,
			2, `error: unrecognized arguments: words$`},
		{"an image without Scaler", nil, true, 1, `ERROR .*cannot import Scaler: No module named 'scaler'`},
	} {
		t.Run(failure.name, func(t *testing.T) {
			t.Parallel()
			c := cluster.New(t, cluster.Newest[0], cluster.Layout{Policy: cluster.PolicyVanilla})
			image := imageOf(t, c.Release)
			if failure.bare {
				image = bareImage(t)
			}
			cloud := newCloud(t, c.Mark, image, ecs.grace)
			startManager(t, c, cloud, ecs, append([]string{"--max-task-concurrency", "4"}, failure.options...)...)
			c.StartLoad(t, "load", 2, 0.2, cluster.ClientTimeout)
			m := cloud.AwaitMachine(t, 1)
			status, ok := m.Wait(cluster.ConnectTimeout)
			if !ok || status != failure.status {
				t.Errorf("the machine ended with status %d (ended: %v), want %d", status, ok, failure.status)
			}
			cluster.CheckComplaint(t, m.Process, failure.says)
			cluster.CheckNothingLeft(t, c.Mark, m.Name, nil)
			t.Logf("it said:\n%s", m.Output)
		})
	}
}

// A machine starts before there is a way to the scheduler, as a network of a cloud may need a while. It waits, and then
// works.
func TestEarly(t *testing.T) {
	needOurs(t)
	t.Parallel()
	c := cluster.New(t, cluster.Newest[0], cluster.Layout{Policy: cluster.PolicyVanilla})
	way := cluster.NewRelay(t, c.At(0))
	address := way.Address()
	way.Listener.Close()
	cloud := newCloud(t, c.Mark, imageOf(t, c.Release), ecs.grace)
	startManager(t, c, cloud, ecs, "--max-task-concurrency", "4", "--worker-scheduler-address", address)
	load := c.StartLoad(t, "load", 2, 0.2, cluster.ClientTimeout)
	m := cloud.AwaitMachine(t, 1)
	refused := regexp.MustCompile(`connection refused; trying again`)
	if _, ok := m.Output.Wait(refused, 0, cluster.ConnectTimeout); !ok {
		t.Error("the machine does not say that it finds no scheduler")
	}
	way.Open(t, c.At(0))
	c.Monitor.WaitWorkers(t, "the workers of the machine", 2)
	if h, ok := load.Finish(t); !ok || h.Lost() > 0 {
		t.Errorf("the load ended with %+v", h)
	}
}

// bareImage has our binary and a Python without Scaler.
func bareImage(t *testing.T) Image {
	t.Helper()
	bin := t.TempDir()
	program := cluster.ManagerProgram(t, cluster.Newest[0])
	if err := os.Symlink(program, filepath.Join(bin, filepath.Base(program))); err != nil {
		t.Fatal(err)
	}
	return Image{Bin: bin}
}
