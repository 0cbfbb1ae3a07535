package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Neither --version nor the hand-over to Scaler's own program imports modules from the working directory before Scaler.
func TestWorkingDirectoryIsNotImported(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Fatal(err)
	}
	// Modules that Python imports at startup may come from PYTHONPATH.
	itself, err := exec.Command(python, "-c", "import sys; print(*sys.modules)").Output()
	if err != nil {
		t.Fatal(err)
	}
	directory, modules, planted := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "planted")
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range strings.Fields(
		"argparse ast asyncio base64 calendar collections contextlib csv datetime dis email " +
			"enum functools hashlib inspect io itertools json linecache logging math multiprocessing operator pathlib " +
			"platform posixpath random re scaler selectors shutil signal socket ssl string struct subprocess sysconfig " +
			"tempfile textwrap threading tokenize traceback types typing urllib warnings weakref zipfile zlib") {
		if slices.Contains(strings.Fields(string(itself)), name) {
			continue
		}
		write(filepath.Join(directory, name+".py"),
			"open("+pythonString(planted)+", 'a').write(__name__ + ' ')\nraise ImportError('planted')\n")
	}
	write(filepath.Join(modules, "scaler/__init__.py"), "")
	write(filepath.Join(modules, "scaler/entry_points/__init__.py"), "")
	write(filepath.Join(modules, "scaler/entry_points/worker_manager.py"),
		"import sys\ndef main(): print(sys.argv, '' in sys.path)\n")
	write(filepath.Join(modules, "opengris_scaler-9.9.9.dist-info/METADATA"),
		"Metadata-Version: 2.1\nName: opengris-scaler\nVersion: 9.9.9\n")

	for _, test := range []struct{ name, script, path, want string }{
		{"version", versionScript, modules, "Scaler 9.9.9"},
		{"version, empty entry in PYTHONPATH", versionScript, ":" + modules, "Scaler 9.9.9"},
		{"hand-over", scalerScript, modules, "['scaler_worker_manager', '--help'] False"},
	} {
		for _, safe := range []string{"", "PYTHONSAFEPATH=1"} {
			t.Run(test.name+safe, func(t *testing.T) {
				command := exec.Command(python, "-c", test.script, "--help")
				command.Dir = directory
				command.Env = append(os.Environ(), "PYTHONPATH="+test.path, "PYTHONDONTWRITEBYTECODE=1", safe)
				output, err := command.CombinedOutput()
				if err != nil || !strings.Contains(string(output), test.want) {
					t.Errorf("got %q, %v; want %q", output, err, test.want)
				}
				if names, err := os.ReadFile(planted); err == nil {
					t.Errorf("imported from the working directory: %s", names)
				}
			})
		}
	}
}

// pythonString quotes a path without special characters.
func pythonString(text string) string { return "'" + text + "'" }
