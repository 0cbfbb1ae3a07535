package schedulers

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// saidTimeout bounds how long a manager takes to say that its peer is no scheduler. A silent peer takes longest.
const saidTimeout = 40 * time.Second

// Peers that listen where a scheduler should.
func TestNoScheduler(t *testing.T) {
	for _, rubbish := range []struct {
		name   string
		listen func(t *testing.T) *cluster.RubbishListener // nil for nobody
		want   *regexp.Regexp
	}{
		{"nobody", nil, wordsWaiting},
		{"HTTP server", cluster.ListenHTTP, wordsNotScheduler},
		{"silent", cluster.ListenSilent, wordsWaiting},
		{"closes at once", cluster.ListenClosing, wordsWaiting},
		{"noise after the magic", cluster.ListenNoise, wordsBadMessage},
		{"noise in frames", cluster.ListenNoisyFrames, wordsBadMessage},
		{"oversized frame", cluster.ListenOversized, wordsBadMessage},
		{"endless first frame", cluster.ListenEndless, wordsWaiting},
	} {
		for _, r := range cluster.Releases(t, "2.9.0") {
			t.Run(rubbish.name, func(t *testing.T) {
				t.Parallel()
				c := cluster.Reserve(t, r, cluster.Layout{})
				address := c.Address
				connections := func() int { return 0 }
				if rubbish.listen != nil {
					listener := rubbish.listen(t)
					address, connections = listener.Address(), listener.Connections
				}
				s := cluster.Dynamic("1")
				s.Address = address
				m := c.StartManager(t, "manager", s)
				line, ok := m.Output.Wait(rubbish.want, 0, saidTimeout)
				if !ok {
					t.Errorf("no line of the log matches %s", rubbish.want)
				}
				t.Logf("the manager says: %s", line)
				checkCalm(t, m, connections)
				if m.Running() {
					m.End(t, syscall.SIGTERM)
					checkNoPanic(t, m)
					return
				}
				checkNoPanic(t, m)
				if status, _ := m.Wait(0); status == 0 {
					t.Error("the manager has ended with status 0 without a scheduler")
				}
				cluster.CheckNothingLeft(t, m.Mark, m.Name, nil)
			})
		}
	}
}

// checkCalm fails if a manager that is still there tries too often, or uses more than a fifth of a processor, or keeps
// a lot of memory, over two seconds.
func checkCalm(t *testing.T, m *cluster.Manager, connections func() int) {
	t.Helper()
	if !m.Running() {
		return
	}
	cpu, tries := m.CPU(t), connections()
	select {
	case <-m.Ended:
		return
	case <-time.After(2 * time.Second): // a rate needs its time
	}
	if used := m.CPU(t) - cpu; used > 400*time.Millisecond {
		t.Errorf("the manager used %v of processor time in 2 s", used)
	}
	if again := connections() - tries; again > 20 {
		t.Errorf("the manager tried %d times in 2 s", again)
	}
	if megabytes := m.Memory(t) >> 20; megabytes > 100 {
		t.Errorf("the manager holds %d MB", megabytes)
	}
}

// checkNoPanic searches the whole output of a manager that has ended.
func checkNoPanic(t *testing.T, m *cluster.Manager) {
	t.Helper()
	if output := strings.Join(m.Output.Whole(cluster.LeakGrace), "\n"); cluster.CrashWords.MatchString(output) {
		t.Errorf("the manager has crashed: %s", cluster.CrashWords.FindString(output))
	}
}

// If workers and scheduler are of different generations, the manager ends, and one line names both.
func TestOtherGeneration(t *testing.T) {
	for _, pair := range []struct{ workers, scheduler cluster.Release }{
		{"2.6.0", "2.9.0"},
		{"2.9.0", "2.6.0"},
		{"1.26.6", "2.9.0"},
	} {
		if len(cluster.Releases(t, pair.scheduler)) == 0 {
			continue
		}
		t.Run(string(pair.workers)+" and "+string(pair.scheduler), func(t *testing.T) {
			t.Parallel()
			cluster.NeedRelease(t, pair.workers)
			c := cluster.New(t, pair.scheduler, cluster.Layout{})
			for _, mode := range []struct {
				name  string
				setup cluster.Setup
			}{{"dynamic", cluster.Dynamic("1")}, {"fixed", cluster.Fixed("1")}} {
				mode.setup.Address = c.Address
				m := cluster.StartManager(t, pair.workers, c.Mark, mode.name, mode.setup)
				status, ok := m.Wait(saidTimeout)
				if !ok || status == 0 {
					t.Fatalf("%s: the manager ended: %t, status %d; want an end with another status", mode.name, ok, status)
				}
				count := 0
				for _, line := range m.Output.Whole(cluster.LeakGrace) {
					if namesGenerations(line, pair.workers) {
						count++
					}
				}
				if count != 1 {
					t.Errorf("%s: %d lines name both generations, want 1", mode.name, count)
				}
				checkNoPanic(t, m)
				cluster.CheckNothingLeft(t, m.Mark, m.Name, nil)
			}
		})
	}
}

// If the interpreter cannot run a worker, the manager ends at once and says why.
func TestNoInterpreter(t *testing.T) {
	for _, r := range cluster.Releases(t, "2.9.0") {
		m := cluster.NewMark(t)
		bare := filepath.Join(m.Dir, "bare")
		if output, err := exec.Command(r.Python(), "-m", "venv", "--without-pip", bare).CombinedOutput(); err != nil {
			t.Fatalf("cannot make a bare environment: %v\n%s", err, output)
		}
		file := filepath.Join(m.Dir, "file")
		if err := os.WriteFile(file, []byte("no program\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []struct {
			name, python string
			want         *regexp.Regexp
		}{
			{"without Scaler", filepath.Join(bare, "bin", "python"), wordsNoScaler},
			{"missing", filepath.Join(m.Dir, "missing"), wordsNoPython},
			{"folder", m.Dir, wordsNoPython},
			{"no program", file, wordsNoPython},
			{"another program", "/bin/true", wordsNoPython},
		} {
			t.Run(wrong.name, func(t *testing.T) {
				c := cluster.Reserve(t, r, cluster.Layout{})
				s := cluster.Fixed("1")
				s.Python = wrong.python
				m := c.StartManager(t, "manager", s)
				status, ok := m.Wait(saidTimeout)
				if !ok || status == 0 {
					t.Fatalf("the manager ended: %t, status %d; want an end with another status", ok, status)
				}
				if _, ok := m.Output.Wait(wrong.want, 0, time.Second); !ok {
					t.Errorf("no line of the log matches %s", wrong.want)
				}
				if strings.Count(m.Output.String(), "\n") > 20 {
					t.Error("the manager says more than 20 lines")
				}
				checkNoPanic(t, m)
				cluster.CheckNothingLeft(t, m.Mark, m.Name, nil)
			})
		}
	}
}
