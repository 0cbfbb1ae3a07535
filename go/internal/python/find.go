// Package python finds the interpreter that has Scaler.
package python

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Interpreter is a Python and why it was taken.
type Interpreter struct {
	Path   string
	Reason string // e.g. "--python", "SCALER_PYTHON", "beside the binary", "VIRTUAL_ENV" or "PATH"
}

// StarterVariable names the Python that started this program: see python/scaler_native/binary.py. Tasks must not see it.
const StarterVariable = "SCALER_NATIVE_PYTHON"

// Fault says that the interpreter cannot be used, why it was taken, and how to name another one.
func (i Interpreter) Fault(err error) error {
	return fmt.Errorf("cannot use %s (%s): %w; name the Python that has Scaler with --python or SCALER_PYTHON", i.Path, i.Reason, err)
}

// Scaler is the version of Scaler that is installed for the interpreter, as far as the folders of its environment show
// without running it; "" if they do not.
func (i Interpreter) Scaler() string {
	const prefix, suffix = "opengris_scaler-", ".dist-info"
	environment := filepath.Dir(filepath.Dir(i.Path))
	found, err := filepath.Glob(filepath.Join(environment, "lib", "python3*", "site-packages", prefix+"*"+suffix))
	if err != nil || len(found) != 1 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), prefix), suffix)
}

// Find looks, in this order, at the value of --python, at StarterVariable, at SCALER_PYTHON, in the folder of the running
// binary (a virtual environment's bin), in VIRTUAL_ENV and on PATH. It is an error if a named interpreter does not exist;
// the other places are skipped.
func Find(option string, environment func(string) (string, bool)) (Interpreter, error) {
	if option != "" {
		return named(option, "--python")
	}
	if value, _ := environment(StarterVariable); value != "" {
		return named(value, "the Python that started this program")
	}
	if value, _ := environment("SCALER_PYTHON"); value != "" {
		return named(value, "SCALER_PYTHON")
	}
	var looked []string
	if self, err := os.Executable(); err == nil {
		// Look beside the link first: one in a virtual environment's bin means that environment.
		for _, folder := range []string{filepath.Dir(self), filepath.Dir(resolve(self))} {
			for _, name := range []string{"python3", "python"} {
				path := filepath.Join(folder, name)
				if check(path) == nil {
					return Interpreter{path, "beside the binary"}, nil
				}
				looked = append(looked, path)
			}
		}
	}
	if value, _ := environment("VIRTUAL_ENV"); value != "" {
		path := filepath.Join(value, "bin", "python")
		if check(path) == nil {
			return Interpreter{path, "VIRTUAL_ENV"}, nil
		}
		looked = append(looked, path)
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			return Interpreter{path, "PATH"}, nil
		}
		looked = append(looked, name+" on PATH")
	}
	return Interpreter{}, fmt.Errorf("cannot find a Python; looked for %s: name the one that has Scaler with --python or SCALER_PYTHON",
		strings.Join(looked, ", "))
}

func named(value, reason string) (Interpreter, error) {
	path := value
	if !strings.ContainsRune(value, filepath.Separator) {
		found, err := exec.LookPath(value)
		if err != nil {
			return Interpreter{}, fmt.Errorf("cannot use %s=%s: no such program on PATH", reason, value)
		}
		path = found
	}
	if err := check(path); err != nil {
		return Interpreter{}, fmt.Errorf("cannot use %s=%s: %w", reason, value, err)
	}
	return Interpreter{path, reason}, nil
}

func check(path string) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return errors.New("no such file")
	case err != nil:
		return err
	case info.IsDir():
		return errors.New("it is a directory, not a Python interpreter")
	case info.Mode()&0o111 == 0:
		return errors.New("it is not executable")
	}
	return nil
}

func resolve(path string) string {
	if resolved, err := filepath.EvalSymlinks(path); err == nil {
		return resolved
	}
	return path
}
