package dropin

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"github.com/scaler-native/scaler-native/integration/internal/installed"
)

func TestWheelContents(t *testing.T) {
	path := installed.Wheel(t)
	if name := filepath.Base(path); !strings.HasPrefix(name, "scaler_native-") || !strings.Contains(name, "-py3-none-") {
		t.Errorf("the wheel is named %s", name)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	found := map[string]*zip.File{}
	for _, file := range archive.File {
		name := file.Name
		if _, rest, ok := strings.Cut(name, ".dist-info/"); ok {
			name = rest
		} else if _, rest, ok := strings.Cut(name, ".data/"); ok {
			name = rest
		}
		found[name] = file
	}
	for _, name := range []string{"scaler_native.pth", "scaler_native/__init__.py", "scaler_native/takeover.py",
		"METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE", "licenses/NOTICE"} {
		if found[name] == nil {
			t.Errorf("the wheel has no %s", name)
		}
	}
	const binary = "scaler_native/bin/scaler_worker_manager"
	if file := found[binary]; file == nil || file.Mode()&0o111 != 0o111 {
		t.Errorf("the wheel has no executable %s", binary)
	}
	for name, file := range found {
		if file.UncompressedSize64 > 1<<20 && name != binary {
			t.Errorf("the wheel has %s, of %d bytes", name, file.UncompressedSize64)
		}
	}
	metadata, _ := found["METADATA"].Open()
	text, _ := io.ReadAll(metadata)
	for _, want := range []string{"\nName: scaler-native\n", "\nRequires-Python: >=3.8\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("METADATA has no line %q:\n%s", strings.TrimSpace(want), text)
		}
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "Requires-Dist") && !strings.Contains(line, "extra ==") {
			t.Errorf("the wheel depends on something: %s", line)
		}
	}
}

// Two folders, the second without version control and written with another umask, give the same bytes.
func TestWheelIsReproducible(t *testing.T) {
	former := syscall.Umask(0o077)
	sources, err := installed.UnpackSources(t.TempDir())
	syscall.Umask(former)
	if err != nil {
		t.Fatal(err)
	}
	built, _ := os.ReadFile(installed.Wheel(t))
	for _, kind := range []string{"wheel", "sdist"} {
		path, err := installed.BuildDistribution(kind, sources, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		again, _ := os.ReadFile(path)
		if kind == "sdist" {
			original, err := installed.BuildDistribution(kind, cluster.Repository(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			built, _ = os.ReadFile(original)
		}
		if !bytes.Equal(built, again) {
			t.Errorf("two builds of the %s differ", kind)
		}
	}
}

func TestWheelOfAnotherMachine(t *testing.T) {
	path, err := installed.BuildWheel(t.TempDir(), "GOOS=linux", "GOARCH=arm64")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(filepath.Base(path), "manylinux_2_17_aarch64") {
		t.Errorf("the wheel is named %s", filepath.Base(path))
	}
}

// What an index would refuse, or show badly.
func TestDescription(t *testing.T) {
	twine, err := installed.Tool("twine")
	if err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command(twine, "check", "--strict", installed.Wheel(t)).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}

// pip builds the wheel from the sdist, with a hatchling that it installs for that.
func TestPipInstallsTheSources(t *testing.T) {
	e := copyEnvironment(t, "2.9.0")
	sdist, err := installed.BuildDistribution("sdist", cluster.Repository(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e.Pip(t, "install", sdist)
	e.checkInstalled(t)
}

// An editable installation runs the sources, and the binary that was built in them last.
func TestPipInstallsEditably(t *testing.T) {
	e := copyEnvironment(t, "2.9.0")
	sources, err := installed.UnpackSources(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e.Pip(t, "install", "--editable", sources)
	e.checkInstalled(t)
	p := e.start(t, t.TempDir(), nil, e.Python(), programs(t, "combo.py"), strconv.Itoa(cluster.Ports(t)))
	if program := p.line(t, "PROGRAM"); program != filepath.Join(sources, "bin", "scaler_worker_manager") {
		t.Errorf("SchedulerClusterCombo runs %s", program)
	}
	p.line(t, "EXIT")
	p.wait(t)
	p.checkGone(t, nil)
	e.write(t, filepath.Join(sources, "python", "scaler_native"), "scripts.py", "def steer(): print('changed')\n")
	if output, err := exec.Command(e.Path("bin", "scaler-native")).CombinedOutput(); err != nil ||
		string(output) != "changed\n" {
		t.Errorf("after a change of the sources: %v\n%s", err, output)
	}
}

// uv lays out a wheel in its own way. (`make installs` has pipx, and other Pythons.)
func TestUvInstallsTheWheel(t *testing.T) {
	e := copyEnvironment(t, "2.9.0")
	uv, err := installed.Tool("uv")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(uv, "pip", "install", "--python", e.Python(), "--no-deps", "--offline", installed.Wheel(t))
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	e.checkInstalled(t)
}

// checkInstalled checks that both commands and the module are ours, and find their own environment's Scaler.
func (e environment) checkInstalled(t *testing.T) {
	t.Helper()
	if !e.Native(t) {
		t.Error("scaler_worker_manager is not ours")
	}
	e.checkVersion(t, "installed", "", e.Path("bin", "scaler_worker_manager"))
	e.checkVersion(t, "installed", "", e.Python(), "-m", "scaler_native")
	e.checkSteering(t, "installed", "")
}
