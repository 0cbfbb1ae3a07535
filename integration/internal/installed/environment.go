package installed

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// An Environment is a virtual environment that belongs to a test.
type Environment struct {
	Release string
	Root    string
}

// Copy copies the environment of a release, for a test that changes it.
func Copy(t *testing.T, release string) Environment {
	t.Helper()
	return copyTo(t, release, filepath.Join(t.TempDir(), "venv"))
}

func copyTo(t *testing.T, release, root string) Environment {
	t.Helper()
	// Its scripts name it by the path where it was made, which .venvs of a second work tree is a link to.
	original, err := filepath.EvalSymlinks(cluster.Repository(".venvs", release))
	if err == nil {
		original, err = filepath.Abs(original)
	}
	if err != nil {
		t.Fatalf("Scaler %s is not installed (make venvs does it): %v", release, err)
	}
	e := Environment{release, root}
	if output, err := exec.Command("cp", "-a", original, e.Root).CombinedOutput(); err != nil {
		t.Fatalf("Scaler %s is not installed (make venvs does it): %s", release, output)
	}
	scripts, _ := filepath.Glob(e.Path("bin", "*"))
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		info, _ := os.Lstat(script)
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := os.WriteFile(script, bytes.ReplaceAll(text, []byte(original), []byte(e.Root)), info.Mode()); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// InstallWheel installs our wheel as it is, offline.
func (e Environment) InstallWheel(t *testing.T, path string) {
	t.Helper()
	e.Pip(t, "install", "--no-index", "--no-deps", path)
}

// Ours returns the environment of a release with our wheel, which tests share and must not change.
func Ours(t *testing.T, release string) Environment {
	t.Helper()
	run.mu.Lock()
	defer run.mu.Unlock()
	e, made := run.native[release]
	if !made {
		e = copyTo(t, release, filepath.Join(run.folder, release))
		e.InstallWheel(t, wheel(t))
		run.native[release] = e
	}
	return e
}

// Path is the path of a file of the environment.
func (e Environment) Path(elements ...string) string {
	return filepath.Join(append([]string{e.Root}, elements...)...)
}

// Python is its interpreter.
func (e Environment) Python() string { return e.Path("bin", "python") }

// Packages is the folder that pip installs into.
func (e Environment) Packages(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob(e.Path("lib", "python3*", "site-packages"))
	if len(found) != 1 {
		t.Fatalf("site-packages of %s: %v", e.Root, found)
	}
	return found[0]
}

// Pip runs pip.
func (e Environment) Pip(t *testing.T, arguments ...string) {
	t.Helper()
	command := exec.Command(e.Python(), append([]string{"-m", "pip", "--quiet", "--disable-pip-version-check"},
		arguments...)...)
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("pip %s: %v\n%s", strings.Join(arguments, " "), err, output)
	}
}

// Native tells whether the environment's scaler_worker_manager is ours, which becomes the binary at once.
func (e Environment) Native(t *testing.T) bool {
	t.Helper()
	program, err := os.ReadFile(e.Path("bin", "scaler_worker_manager"))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Contains(program, []byte("scaler_native.scripts"))
}

// run is shared by all tests of a run; Main makes and removes the folder.
var run = struct {
	folder string
	mu     sync.Mutex
	wheel  string                 // guarded by mu; empty until it is built
	native map[string]Environment // guarded by mu
}{native: map[string]Environment{}}

// Wheel returns the wheel of this machine, built once a run.
func Wheel(t *testing.T) string {
	t.Helper()
	run.mu.Lock()
	defer run.mu.Unlock()
	return wheel(t)
}

// wheel needs the lock.
func wheel(t *testing.T) string {
	t.Helper()
	if run.wheel == "" {
		path, err := BuildWheel(filepath.Join(run.folder, "dist"))
		if err != nil {
			t.Fatal(err)
		}
		run.wheel = path
	}
	return run.wheel
}
