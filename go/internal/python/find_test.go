package python

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// program writes an executable file and returns its path.
func program(t *testing.T, path string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// environment returns a function like os.LookupEnv for a map.
func environment(values map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := values[name]
		return value, ok
	}
}

func TestOrder(t *testing.T) {
	folder := t.TempDir()
	option := program(t, filepath.Join(folder, "option", "python3.99"))
	scaler := program(t, filepath.Join(folder, "scaler", "python"))
	venv := program(t, filepath.Join(folder, "venv", "bin", "python"))
	path := program(t, filepath.Join(folder, "path", "python3"))
	t.Setenv("PATH", filepath.Dir(path))
	both := map[string]string{"SCALER_PYTHON": scaler, "VIRTUAL_ENV": filepath.Join(folder, "venv")}
	tests := []struct {
		name        string
		option      string
		environment map[string]string
		want        Interpreter
	}{
		{"option", option, both, Interpreter{option, "--python"}},
		{"option by name", "python3", both, Interpreter{path, "--python"}},
		{"SCALER_PYTHON", "", both, Interpreter{scaler, "SCALER_PYTHON"}},
		{"one that started the program", "", map[string]string{StarterVariable: option, "SCALER_PYTHON": scaler},
			Interpreter{option, "the Python that started this program"}},
		{"option of such a program", "python3", map[string]string{StarterVariable: option}, Interpreter{path, "--python"}},
		{"SCALER_PYTHON by name", "", map[string]string{"SCALER_PYTHON": "python3"}, Interpreter{path, "SCALER_PYTHON"}},
		{"empty SCALER_PYTHON", "", map[string]string{"SCALER_PYTHON": "", "VIRTUAL_ENV": filepath.Join(folder, "venv")},
			Interpreter{venv, "VIRTUAL_ENV"}},
		{"VIRTUAL_ENV", "", map[string]string{"VIRTUAL_ENV": filepath.Join(folder, "venv")},
			Interpreter{venv, "VIRTUAL_ENV"}},
		{"VIRTUAL_ENV without one", "", map[string]string{"VIRTUAL_ENV": filepath.Join(folder, "none")},
			Interpreter{path, "PATH"}},
		{"PATH", "", nil, Interpreter{path, "PATH"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Find(test.option, environment(test.environment))
			if err != nil || got != test.want {
				t.Errorf("got %v, %v; want %v", got, err, test.want)
			}
		})
	}
}

func TestPython3IsPreferredOnPath(t *testing.T) {
	folder := t.TempDir()
	python := program(t, filepath.Join(folder, "python"))
	t.Setenv("PATH", folder)
	if got, err := Find("", environment(nil)); err != nil || got.Path != python {
		t.Errorf("got %v, %v", got, err)
	}
	python3 := program(t, filepath.Join(folder, "python3"))
	if got, err := Find("", environment(nil)); err != nil || got.Path != python3 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestErrors(t *testing.T) {
	folder := t.TempDir()
	plain := filepath.Join(folder, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(folder, "missing")
	t.Setenv("PATH", folder)
	tests := []struct {
		name, option, scaler, want string
	}{
		{"missing option", missing, "", "cannot use --python=" + missing + ": no such file"},
		{"folder", folder, "", "cannot use --python=" + folder + ": it is a directory, not a Python interpreter"},
		{"not executable", plain, "", "cannot use --python=" + plain + ": it is not executable"},
		{"name that is not on PATH", "python9", "", "cannot use --python=python9: no such program on PATH"},
		{"below a file", plain + "/x", "", "cannot use --python=" + plain + "/x: stat " + plain + "/x: not a directory"},
		{"missing SCALER_PYTHON", "", missing, "cannot use SCALER_PYTHON=" + missing + ": no such file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Find(test.option, environment(map[string]string{"SCALER_PYTHON": test.scaler}))
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestNoneSaysWhereItLooked(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Find("", environment(map[string]string{"VIRTUAL_ENV": "/no/such/venv"}))
	if err == nil {
		t.Fatal("found one where there is none")
	}
	self, _ := os.Executable()
	for _, place := range []string{
		filepath.Join(filepath.Dir(self), "python3"), "/no/such/venv/bin/python", "python3 on PATH",
		"--python", "SCALER_PYTHON",
	} {
		if !strings.Contains(err.Error(), place) {
			t.Errorf("%v does not name %s", err, place)
		}
	}
}

// The interpreter of a virtual environment is a link to the base interpreter, which has no Scaler.
func TestLinkIntoAVirtualEnvironmentIsNotFollowed(t *testing.T) {
	folder := t.TempDir()
	program(t, filepath.Join(folder, "usr", "python3.11"))
	link := filepath.Join(folder, "venv", "python")
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../usr/python3.11", link); err != nil {
		t.Fatal(err)
	}
	if got, err := Find(link, environment(nil)); err != nil || got.Path != link {
		t.Errorf("got %v, %v; want %s", got, err, link)
	}
}

// Runs a copy of this test's binary in a virtual environment.
func TestBesideTheBinary(t *testing.T) {
	if os.Getenv("FIND_TEST_CHILD") != "" {
		got, err := Find("", environment(map[string]string{"VIRTUAL_ENV": os.Getenv("FIND_TEST_OTHER")}))
		os.Stdout.WriteString("found " + got.Path + " " + got.Reason + "\n")
		if err != nil {
			t.Error(err)
		}
		return
	}
	folder := t.TempDir()
	other := filepath.Dir(filepath.Dir(program(t, filepath.Join(folder, "other", "bin", "python"))))
	beside := program(t, filepath.Join(folder, "venv", "bin", "python"))
	copied := filepath.Join(folder, "venv", "bin", "scaler_worker_manager")
	copySelf(t, copied)
	elsewhere := filepath.Join(folder, "elsewhere", "scaler_worker_manager")
	if err := os.MkdirAll(filepath.Dir(elsewhere), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(copied, elsewhere); err != nil {
		t.Fatal(err)
	}
	for _, binary := range []string{copied, elsewhere} {
		got, want := runChild(t, binary, other), "found "+beside+" beside the binary\n"
		if !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q", binary, got, want)
		}
	}
}

func copySelf(t *testing.T, to string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if os.Link(self, to) == nil { // on the same file system
		return
	}
	source, err := os.Open(self)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(target, source)
	if closing := target.Close(); err != nil || closing != nil {
		t.Fatal(err, closing)
	}
}

func runChild(t *testing.T, binary, virtualEnvironment string) string {
	t.Helper()
	command := exec.Command(binary, "-test.run=^TestBesideTheBinary$")
	command.Env = append(os.Environ(),
		"FIND_TEST_CHILD=1", "FIND_TEST_OTHER="+virtualEnvironment, "GORACE=atexit_sleep_ms=0")
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return string(output)
}

func TestScaler(t *testing.T) {
	folder := t.TempDir()
	i := Interpreter{Path: program(t, filepath.Join(folder, "bin", "python"))}
	install := func(version, name string) {
		if err := os.MkdirAll(filepath.Join(folder, "lib", version, "site-packages", name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(want string) {
		t.Helper()
		if got := i.Scaler(); got != want {
			t.Errorf("Scaler %q, want %q", got, want)
		}
	}
	expect("")
	install("python3.11", "other-1.0.dist-info")
	expect("")
	install("python3.11", "opengris_scaler-2.9.0.dist-info")
	expect("2.9.0")
	install("python3.12", "opengris_scaler-1.26.6.dist-info")
	expect("") // ambiguous
}

func TestFault(t *testing.T) {
	cause := errors.New("cannot import Scaler: No module named 'scaler'")
	err := Interpreter{"/usr/bin/python3", "PATH"}.Fault(cause)
	const want = "cannot use /usr/bin/python3 (PATH): cannot import Scaler: No module named 'scaler'; " +
		"choose a Python that has Scaler with --python or SCALER_PYTHON"
	if err.Error() != want || !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}
