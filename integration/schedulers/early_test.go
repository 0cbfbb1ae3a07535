package schedulers

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A manager that starts before its scheduler says that it waits, and works once the scheduler is there.
func TestManagerFirst(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		for _, mode := range []struct {
			name  string
			setup cluster.Setup
		}{{"fixed", cluster.Fixed("1")}, {"dynamic", cluster.Dynamic("1")}} {
			t.Run(mode.name, func(t *testing.T) {
				c := cluster.Reserve(t, r, cluster.Layout{})
				m := c.StartManager(t, mode.name, mode.setup)
				if _, ok := m.Output.Wait(wordsWaiting, 0, cluster.ConnectTimeout); !ok {
					t.Error("the manager does not say that it waits for the scheduler")
				}
				c.Start(t)
				c.CheckAdds(t)
				m.End(t, syscall.SIGTERM)
			})
		}
	})
}

// A manager connects before Python has imported Scaler, and then does what the scheduler has asked for meanwhile.
func TestSchedulerHearsOfTheManagerFirst(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		load := c.StartClient(t, "sleepers.py", c.Address, "60", "0.05")

		// An interpreter of an environment like the release's that waits until the test lets it go on.
		environment := t.TempDir()
		bin, lib := filepath.Join(environment, "bin"), filepath.Dir(filepath.Dir(r.Program("python")))
		gate, interpreter := filepath.Join(environment, "gate"), filepath.Join(bin, "python")
		script := "#!/bin/sh\nread line < " + gate + "\nexec " + r.Program("python") + " \"$@\"\n"
		for _, err := range []error{
			os.Mkdir(bin, 0o755),
			os.Symlink(filepath.Join(lib, "lib"), filepath.Join(environment, "lib")),
			os.WriteFile(interpreter, []byte(script), 0o755),
			syscall.Mkfifo(gate, 0o600),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		s := c.Quick(cluster.Dynamic("1"))
		s.Arguments = append(s.Arguments, "--python", interpreter)
		m := c.StartManager(t, "early", s)
		c.Monitor.Wait(t, "the manager, without a worker", cluster.ConnectTimeout, func(s *cluster.State) bool {
			managed, known := s.Managers[m.Name]
			return known && len(managed) == 0
		})
		if err := os.WriteFile(gate, []byte("go on\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c.Monitor.WaitWorkers(t, "a worker", 1)
		load.Finish(t)
		m.End(t, syscall.SIGTERM)
	})
}
