package schedulers

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// TestKnownAgent: with a known release, workers have native agents, and the log does not mention agents.
func TestKnownAgent(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m := c.StartManager(t, "known", cluster.Fixed("1"))
		c.Monitor.WaitWorkers(t, "a worker", 1)
		c.CheckAdds(t)
		m.End(t, syscall.SIGTERM)
		if said := m.Output.String(); regexp.MustCompile(`own agents|not known here`).MatchString(said) {
			t.Errorf("a known agent is not used:\n%s", said)
		}
	})
}

// TestTamperedAgent: with an installed Scaler that differs from the published one, workers get Scaler's own agents and
// run tasks. With --worker-agent native, the manager says why it cannot use its own.
func TestTamperedAgent(t *testing.T) {
	for name, test := range map[string]struct {
		tamper   func(t *testing.T, scaler string)
		says     string
		insisted bool // --worker-agent native has it nevertheless
	}{
		"message": {tamper: tamperMessage, says: `is not understood: .*client_gone: Shutdown is true, not false`},
		"parameter": {tamper: func(t *testing.T, scaler string) {
			path := filepath.Join(scaler, "worker", "agent", "processor", "processor.py")
			rewrite(t, path, regexp.MustCompile(`(?s)(def __init__\(\n.*?)\n    \):`), "$1\n        novelty: int = 0,\n    ):")
		}, says: `makes processors in an unknown way: novelty`},
		"source": {tamper: func(t *testing.T, scaler string) {
			path := filepath.Join(scaler, "worker", "agent", "heartbeat_manager.py")
			rewrite(t, path, regexp.MustCompile(`$`), "\n# another line\n")
		}, says: `not known here`, insisted: true},
	} {
		t.Run(name, func(t *testing.T) {
			cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
				c := cluster.New(t, r, cluster.Layout{})
				folder := c.Mark.Temporary(t, "tampered")
				copyOfScaler(t, r, folder)
				test.tamper(t, filepath.Join(folder, "scaler"))
				says := regexp.MustCompile(test.says)

				auto := tampered(t, c, "auto", folder)
				runs(t, c, auto)
				if line := lineWith(auto, says); !strings.Contains(line, "Scaler's own agents") {
					t.Errorf("the manager does not say why workers have Scaler's own agents: %q", line)
				}

				insists := tampered(t, c, "native", folder, "--worker-agent", "native")
				if test.insisted {
					runs(t, c, insists)
				} else if status, ok := insists.Wait(cluster.ConnectTimeout); status != 1 || !ok {
					t.Errorf("the manager ended with status %d (%t), want 1", status, ok)
				}
				<-insists.Read
				if line := lineWith(insists, says); line == "" || strings.Contains(line, "own agents") {
					t.Errorf("the manager does not say what is wrong: %q", line)
				}
			}, "1.26.6", "2.9.0")
		})
	}
}

func tampered(t *testing.T, c *cluster.Cluster, name, modules string, arguments ...string) *cluster.Manager {
	t.Helper()
	s := cluster.Fixed("1", arguments...)
	s.Environment = []string{"PYTHONPATH=" + modules, "PYTHONDONTWRITEBYTECODE=1"}
	return c.StartManager(t, name, s)
}

// runs has tasks run on the manager's worker, then ends the manager.
func runs(t *testing.T, c *cluster.Cluster, m *cluster.Manager) {
	t.Helper()
	c.Monitor.WaitWorkers(t, "a worker", 1)
	c.CheckAdds(t)
	m.End(t, syscall.SIGTERM)
	c.Monitor.WaitWorkers(t, "no worker", 0)
}

func lineWith(m *cluster.Manager, wanted *regexp.Regexp) string {
	for _, line := range strings.Split(m.Output.String(), "\n") {
		if wanted.MatchString(line) {
			return line
		}
	}
	return ""
}

// copyOfScaler makes a package scaler whose files are links to those of a release.
func copyOfScaler(t *testing.T, r cluster.Release, folder string) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(r.Python())), "lib", "python3*", "site-packages"))
	if len(found) != 1 {
		t.Fatalf("the packages of Scaler %s are in %v", r, found)
	}
	packages, err := filepath.EvalSymlinks(found[0])
	if err != nil {
		t.Fatal(err)
	}
	libraries, _ := filepath.Glob(filepath.Join(packages, "*.libs")) // what native modules look for beside the package
	for _, path := range libraries {
		if err := os.Symlink(path, filepath.Join(folder, filepath.Base(path))); err != nil {
			t.Fatal(err)
		}
	}
	err = filepath.WalkDir(filepath.Join(packages, "scaler"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, _ := filepath.Rel(packages, path)
		switch {
		case entry.Name() == "__pycache__":
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(folder, relative), 0o755)
		}
		return os.Symlink(path, filepath.Join(folder, relative))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rewrite replaces the first match in a file, and the link by a file.
func rewrite(t *testing.T, path string, old *regexp.Regexp, replacement string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	match := old.FindSubmatchIndex(text)
	if match == nil {
		t.Fatalf("%s has no %s", path, old)
	}
	changed := append([]byte{}, text[:match[0]]...)
	changed = append(old.Expand(changed, []byte(replacement), text, match), text[match[1]:]...)
	replaceFile(t, path, changed)
}

func replaceFile(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// otherNumbers replaces the native module of messages and swaps the numbers of two members of an enumeration.
const otherNumbers = `import importlib.machinery
import importlib.util
import sys

_loader = importlib.machinery.ExtensionFileLoader(__name__, %PATH%)
_module = importlib.util.module_from_spec(importlib.util.spec_from_loader(__name__, _loader))
_loader.exec_module(_module)
_known = _module.ClientDisconnect


class ClientDisconnect:
    class DisconnectType:
        disconnect = _known.DisconnectType.shutdown
        shutdown = _known.DisconnectType.disconnect

    def __new__(cls, **fields):
        return _known(**fields)


_module.ClientDisconnect = ClientDisconnect
sys.modules[__name__] = _module
`

// tamperMessage changes a message that is sent only when a client shuts down, so that tasks still run.
func tamperMessage(t *testing.T, scaler string) {
	schema := filepath.Join(scaler, "protocol", "capnp", "message.capnp")
	if _, err := os.Stat(schema); err == nil { // before 2.0
		rewrite(t, schema, regexp.MustCompile(`disconnect @0;(\s+)shutdown @1;`), "disconnect @1;${1}shutdown @0;")
		return
	}
	found, _ := filepath.Glob(filepath.Join(scaler, "protocol", "capnp*.so"))
	if len(found) != 1 {
		t.Fatalf("found the message modules %v, want 1", found)
	}
	library, err := filepath.EvalSymlinks(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(found[0]); err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(otherNumbers, "%PATH%", "'"+library+"'")
	if err := os.WriteFile(filepath.Join(scaler, "protocol", "capnp.py"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
