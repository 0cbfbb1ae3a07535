package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// saidTimeout bounds what a manager says about a scheduler that is none; a silent one takes longest.
const saidTimeout = 40 * time.Second

// What listens where a scheduler should.
func TestNoScheduler(t *testing.T) {
	for _, rubbish := range []struct {
		name   string
		listen func(t *testing.T) *rubbishListener // nil for nobody
		want   *regexp.Regexp
	}{
		{"nobody", nil, wordsWaiting},
		{"HTTP server", listenHTTP, wordsNotScheduler},
		{"silent", listenSilent, wordsWaiting},
		{"closes at once", listenClosing, wordsWaiting},
		{"noise after the magic", listenNoise, wordsBadMessage},
		{"noise in frames", listenNoisyFrames, wordsBadMessage},
		{"oversized frame", listenOversized, wordsBadMessage},
		{"endless first frame", listenEndless, wordsWaiting},
	} {
		for _, r := range releases(t, "2.9.0") {
			t.Run(rubbish.name, func(t *testing.T) {
				t.Parallel()
				c := reserveCluster(t, r, layout{})
				address := c.address
				connections := func() int { return 0 }
				if rubbish.listen != nil {
					listener := rubbish.listen(t)
					address, connections = listener.address(), listener.connections
				}
				s := dynamic("1")
				s.address = address
				m := c.startManager(t, "manager", s)
				line, ok := m.output.wait(rubbish.want, 0, saidTimeout)
				if !ok {
					t.Errorf("the manager says nothing like %s", rubbish.want)
				}
				t.Logf("the manager says: %s", line)
				checkCalm(t, m, connections)
				if m.running() {
					m.end(t, syscall.SIGTERM)
					checkNoPanic(t, m)
					return
				}
				checkNoPanic(t, m)
				if status, _ := m.wait(0); status == 0 {
					t.Error("the manager has ended with status 0 without a scheduler")
				}
				checkNothingLeft(t, m.mark, m.name, nil)
			})
		}
	}
}

// checkCalm fails if a manager that is still there tries too often, or uses more than a fifth of a processor, or keeps a
// lot of memory, over two seconds.
func checkCalm(t *testing.T, m *manager, connections func() int) {
	t.Helper()
	if !m.running() {
		return
	}
	cpu, tries := m.cpu(t), connections()
	select {
	case <-m.ended:
		return
	case <-time.After(2 * time.Second): // a rate needs its time
	}
	if used := m.cpu(t) - cpu; used > 400*time.Millisecond {
		t.Errorf("the manager used %v of processor time in 2 s", used)
	}
	if again := connections() - tries; again > 20 {
		t.Errorf("the manager tried %d times in 2 s", again)
	}
	if megabytes := m.memory(t) >> 20; megabytes > 100 {
		t.Errorf("the manager holds %d MB", megabytes)
	}
}

// checkNoPanic looks at all that a manager said that has ended.
func checkNoPanic(t *testing.T, m *manager) {
	t.Helper()
	if output := strings.Join(m.output.whole(leakGrace), "\n"); wordsPanic.MatchString(output) {
		t.Errorf("the manager has crashed: %s", wordsPanic.FindString(output))
	}
}

// Workers of one generation and a scheduler of another: the manager ends, and one line names both.
func TestOtherGeneration(t *testing.T) {
	for _, pair := range []struct{ workers, scheduler release }{
		{"2.6.0", "2.9.0"},
		{"2.9.0", "2.6.0"},
		{"1.26.6", "2.9.0"},
	} {
		if len(releases(t, pair.scheduler)) == 0 {
			continue
		}
		t.Run(string(pair.workers)+" and "+string(pair.scheduler), func(t *testing.T) {
			t.Parallel()
			needRelease(t, pair.workers)
			c := newCluster(t, pair.scheduler, layout{})
			for _, mode := range []struct {
				name  string
				setup setup
			}{{"dynamic", dynamic("1")}, {"fixed", fixed("1")}} {
				mode.setup.address = c.address
				m := startManager(t, pair.workers, c.mark, mode.name, mode.setup)
				status, ok := m.wait(saidTimeout)
				if !ok || status == 0 {
					t.Fatalf("%s: the manager ended: %t, status %d; want an end with another status", mode.name, ok, status)
				}
				count := 0
				for _, line := range m.output.whole(leakGrace) {
					if namesGenerations(line, pair.workers) {
						count++
					}
				}
				if count != 1 {
					t.Errorf("%s: %d lines name both generations, want 1", mode.name, count)
				}
				checkNoPanic(t, m)
				checkNothingLeft(t, m.mark, m.name, nil)
			}
		})
	}
}

// Interpreters that cannot run a worker: the manager ends at once and says why.
func TestNoInterpreter(t *testing.T) {
	for _, r := range releases(t, "2.9.0") {
		m := newMark(t)
		bare := filepath.Join(m.dir, "bare")
		if output, err := exec.Command(r.python(), "-m", "venv", "--without-pip", bare).CombinedOutput(); err != nil {
			t.Fatalf("cannot make a bare environment: %v\n%s", err, output)
		}
		file := filepath.Join(m.dir, "file")
		if err := os.WriteFile(file, []byte("no program\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range []struct {
			name, python string
			want         *regexp.Regexp
		}{
			{"without Scaler", filepath.Join(bare, "bin", "python"), wordsNoScaler},
			{"missing", filepath.Join(m.dir, "missing"), wordsNoPython},
			{"folder", m.dir, wordsNoPython},
			{"no program", file, wordsNoPython},
			{"another program", "/bin/true", wordsNoPython},
		} {
			t.Run(wrong.name, func(t *testing.T) {
				c := reserveCluster(t, r, layout{})
				s := fixed("1")
				s.python = wrong.python
				m := c.startManager(t, "manager", s)
				status, ok := m.wait(saidTimeout)
				if !ok || status == 0 {
					t.Fatalf("the manager ended: %t, status %d; want an end with another status", ok, status)
				}
				if _, ok := m.output.wait(wrong.want, 0, time.Second); !ok {
					t.Errorf("the manager says nothing like %s", wrong.want)
				}
				if strings.Count(m.output.String(), "\n") > 20 {
					t.Error("the manager says more than 20 lines")
				}
				checkNoPanic(t, m)
				checkNothingLeft(t, m.mark, m.name, nil)
			})
		}
	}
}
