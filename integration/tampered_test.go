package integration

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// TestKnownAgent has the manager say nothing of the agent of a release that it knows: its workers have native ones.
func TestKnownAgent(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m := c.startManager(t, "known", fixed("1"))
		c.monitor.waitWorkers(t, "a worker", 1)
		c.checkAdds(t)
		m.end(t, syscall.SIGTERM)
		if said := m.output.String(); regexp.MustCompile(`own agents|not known here`).MatchString(said) {
			t.Errorf("an agent that is known is not trusted:\n%s", said)
		}
	})
}

// TestTamperedAgent has an installed Scaler that is not quite as published: workers get Scaler's own agents, and run
// tasks, and who insists on the native agent hears why there is none.
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
			eachRelease(t, func(t *testing.T, r release) {
				c := newCluster(t, r, layout{})
				folder := c.mark.temporary(t, "tampered")
				copyOfScaler(t, r, folder)
				test.tamper(t, filepath.Join(folder, "scaler"))
				says := regexp.MustCompile(test.says)

				auto := c.tampered(t, "auto", folder)
				c.runs(t, auto)
				if line := lineWith(auto, says); !strings.Contains(line, "Scaler's own agents") {
					t.Errorf("the manager does not say why workers have Scaler's own agents: %q", line)
				}

				insists := c.tampered(t, "native", folder, "--worker-agent", "native")
				if test.insisted {
					c.runs(t, insists)
				} else if status, ok := insists.wait(connectTimeout); status != 1 || !ok {
					t.Errorf("it ended with status %d, %t; want 1", status, ok)
				}
				<-insists.read
				if line := lineWith(insists, says); line == "" || strings.Contains(line, "own agents") {
					t.Errorf("the manager does not say what is wrong: %q", line)
				}
			}, "1.26.6", "2.9.0")
		})
	}
}

func (c *cluster) tampered(t *testing.T, name, modules string, arguments ...string) *manager {
	t.Helper()
	s := fixed("1", arguments...)
	s.environment = []string{"PYTHONPATH=" + modules, "PYTHONDONTWRITEBYTECODE=1"}
	return c.startManager(t, name, s)
}

// runs has the manager's worker run tasks, and ends it.
func (c *cluster) runs(t *testing.T, m *manager) {
	t.Helper()
	c.monitor.waitWorkers(t, "a worker", 1)
	c.checkAdds(t)
	m.end(t, syscall.SIGTERM)
	c.monitor.waitWorkers(t, "no worker", 0)
}

func lineWith(m *manager, wanted *regexp.Regexp) string {
	for _, line := range strings.Split(m.output.String(), "\n") {
		if wanted.MatchString(line) {
			return line
		}
	}
	return ""
}

// copyOfScaler makes a package scaler whose files are links to those of a release.
func copyOfScaler(t *testing.T, r release, folder string) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(r.python())), "lib", "python3*", "site-packages"))
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

// rewrite replaces the first match in a file, which has been a link.
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

// otherNumbers stands for the native module of messages, and gives two members of an enumeration each other's number.
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

// tamperMessage changes a message that comes only with a client's shutdown, so that tasks run all the same.
func tamperMessage(t *testing.T, scaler string) {
	schema := filepath.Join(scaler, "protocol", "capnp", "message.capnp")
	if _, err := os.Stat(schema); err == nil { // before 2.0
		rewrite(t, schema, regexp.MustCompile(`disconnect @0;(\s+)shutdown @1;`), "disconnect @1;${1}shutdown @0;")
		return
	}
	found, _ := filepath.Glob(filepath.Join(scaler, "protocol", "capnp*.so"))
	if len(found) != 1 {
		t.Fatalf("the modules of messages are %v", found)
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
