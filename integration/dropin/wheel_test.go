package dropin

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestWheelContents(t *testing.T) {
	path := wheel(t)
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
	for _, name := range []string{"scaler_native.pth", "scaler_native/__init__.py", "scaler_native/takeover.py", "METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE"} {
		if found[name] == nil {
			t.Errorf("the wheel has no %s", name)
		}
	}
	for _, name := range []string{"scripts/scaler_worker_manager", "scaler_native/bin/scaler_worker_manager"} {
		if file := found[name]; file == nil || file.Mode()&0o111 != 0o111 {
			t.Errorf("the wheel has no executable %s", name)
		}
	}
	for name, file := range found {
		if file.UncompressedSize64 > 1<<20 && !strings.HasSuffix(name, "/scaler_worker_manager") {
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
	if strings.Contains(string(text), "Requires-Dist") {
		t.Errorf("the wheel depends on something:\n%s", text)
	}
}

func TestWheelIsReproducible(t *testing.T) {
	var builds [2][]byte
	for i := range builds {
		path, err := buildWheel(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		builds[i], _ = os.ReadFile(path)
	}
	if !bytes.Equal(builds[0], builds[1]) {
		t.Error("two builds differ")
	}
}

func TestWheelOfAnotherMachine(t *testing.T) {
	path, err := buildWheel(t.TempDir(), "linux/arm64")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(filepath.Base(path), "manylinux_2_17_aarch64") {
		t.Errorf("the wheel is named %s", filepath.Base(path))
	}
}

// pip install . in a copy of the sources that has nothing which was built.
func TestPipInstallsTheSources(t *testing.T) {
	e := copyEnvironment(t, "2.9.0")
	sources := filepath.Join(t.TempDir(), "sources")
	if err := os.Mkdir(sources, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go", "go.work", "integration/go.mod", "python", "scripts", "pyproject.toml", "VERSION", "LICENSE"} {
		target := filepath.Join(sources, name)
		_ = os.MkdirAll(filepath.Dir(target), 0o700)
		if output, err := exec.Command("cp", "-a", filepath.Join("..", "..", name), target).CombinedOutput(); err != nil {
			t.Fatalf("%s", output)
		}
	}
	e.pip(t, "install", sources)
	if !e.native(t) {
		t.Error("scaler_worker_manager is not the binary")
	}
	if output, err := exec.Command(e.python(), "-m", "scaler_native", "--version").CombinedOutput(); err != nil || !strings.Contains(string(output), "Scaler 2.9.0") {
		t.Errorf("python -m scaler_native --version: %v\n%s", err, output)
	}
}
