package integration

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A manager may be there before its scheduler: it says that it waits, and works once the scheduler is there.
func TestManagerFirst(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		for _, mode := range []struct {
			name  string
			setup setup
		}{{"fixed", fixed("1")}, {"dynamic", dynamic("1")}} {
			t.Run(mode.name, func(t *testing.T) {
				c := reserveCluster(t, r, layout{})
				m := c.startManager(t, mode.name, mode.setup)
				if _, ok := m.output.wait(wordsWaiting, 0, connectTimeout); !ok {
					t.Error("the manager does not say that it waits for the scheduler")
				}
				c.start(t)
				c.checkAdds(t)
				m.end(t, syscall.SIGTERM)
			})
		}
	})
}

// A scheduler hears of a manager before Python has imported Scaler, and what it has asked for then is done.
func TestSchedulerHearsOfTheManagerFirst(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{policy: policyVanilla})
		load := c.startClient(t, "sleepers.py", c.address, "60", "0.05")

		// An interpreter in an environment like the release's, which goes on when the test says so.
		environment := t.TempDir()
		bin, lib := filepath.Join(environment, "bin"), filepath.Dir(filepath.Dir(r.program("python")))
		gate, interpreter := filepath.Join(environment, "gate"), filepath.Join(bin, "python")
		script := "#!/bin/sh\nread line < " + gate + "\nexec " + r.program("python") + " \"$@\"\n"
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
		s := c.quick(dynamic("1"))
		s.arguments = append(s.arguments, "--python", interpreter)
		m := c.startManager(t, "early", s)
		c.monitor.wait(t, "the manager, without a worker", connectTimeout, func(s *state) bool {
			managed, known := s.Managers[m.name]
			return known && len(managed) == 0
		})
		if err := os.WriteFile(gate, []byte("go on\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		c.monitor.waitWorkers(t, "a worker", 1)
		load.finish(t)
		m.end(t, syscall.SIGTERM)
	})
}
