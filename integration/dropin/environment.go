package dropin

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// An environment is a virtual environment that belongs to a test.
type environment struct {
	release string
	root    string
}

// eachRelease runs a test for each release, one after the other; see cluster.Releases.
func eachRelease(t *testing.T, test func(t *testing.T, release string), only ...cluster.Release) {
	for _, release := range cluster.Releases(t, only...) {
		t.Run(string(release), func(t *testing.T) { test(t, string(release)) })
	}
}

// copyEnvironment copies the environment of a release, for a test that changes it.
func copyEnvironment(t *testing.T, release string) environment {
	t.Helper()
	return copyTo(t, release, filepath.Join(t.TempDir(), "venv"))
}

func copyTo(t *testing.T, release, root string) environment {
	t.Helper()
	// Its scripts name it by the path where it was made, which .venvs of a second work tree is a link to.
	original, err := filepath.EvalSymlinks(filepath.Join("..", "..", ".venvs", release))
	if err == nil {
		original, err = filepath.Abs(original)
	}
	if err != nil {
		t.Fatalf("Scaler %s is not installed (make venvs does it): %v", release, err)
	}
	e := environment{release, root}
	if output, err := exec.Command("cp", "-a", original, e.root).CombinedOutput(); err != nil {
		t.Fatalf("Scaler %s is not installed (make venvs does it): %s", release, output)
	}
	scripts, _ := filepath.Glob(e.path("bin", "*"))
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		info, _ := os.Lstat(script)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := os.WriteFile(script, bytes.ReplaceAll(text, []byte(original), []byte(e.root)), info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// installWheel installs our wheel as it is, offline.
func (e environment) installWheel(t *testing.T, path string) {
	t.Helper()
	e.pip(t, "install", "--no-index", "--no-deps", path)
}

// nativeEnvironment returns the environment of a release with our wheel, which tests share and must not change.
func nativeEnvironment(t *testing.T, release string) environment {
	t.Helper()
	e, made := run.native[release]
	if !made {
		e = copyTo(t, release, filepath.Join(run.folder, release))
		e.installWheel(t, wheel(t))
		run.native[release] = e
	}
	return e
}

func (e environment) path(elements ...string) string {
	return filepath.Join(append([]string{e.root}, elements...)...)
}

func (e environment) python() string { return e.path("bin", "python") }

// packages is the folder that pip installs into.
func (e environment) packages(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob(e.path("lib", "python3*", "site-packages"))
	if len(found) != 1 {
		t.Fatalf("site-packages of %s: %v", e.root, found)
	}
	return found[0]
}

func (e environment) pip(t *testing.T, arguments ...string) {
	t.Helper()
	command := exec.Command(e.python(), append([]string{"-m", "pip", "--quiet", "--disable-pip-version-check"},
		arguments...)...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("pip %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

// native tells whether the environment's scaler_worker_manager is ours, which becomes the binary at once.
func (e environment) native(t *testing.T) bool {
	t.Helper()
	program, err := os.ReadFile(e.path("bin", "scaler_worker_manager"))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(program, []byte("scaler_native.scripts"))
}

// run is shared by all tests of a run; TestMain makes and removes the folder.
var run = struct {
	folder string
	wheel  string // empty until it is built
	native map[string]environment
}{native: map[string]environment{}}

// wheel returns the wheel of this machine, built once a run.
func wheel(t *testing.T) string {
	t.Helper()
	if run.wheel == "" {
		path, err := buildWheel(filepath.Join(run.folder, "dist"))
		if err != nil {
			t.Fatal(err)
		}
		run.wheel = path
	}
	return run.wheel
}
