// Package python finds the Python interpreter to run Scaler with.
package python

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Interpreter is a Python interpreter, and how it was found.
type Interpreter struct {
	Path   string
	Reason string // e.g. "--python", "SCALER_PYTHON", "beside the binary", "VIRTUAL_ENV" or "PATH"
}

// StarterVariable names the Python that started this program: see python/scaler_native/binary.py. It must be removed
// from the environment of tasks.
const StarterVariable = "SCALER_NATIVE_PYTHON"

// howToChoose ends errors about interpreters.
const howToChoose = "; choose a Python that has Scaler with --python or SCALER_PYTHON"

// Fault wraps an error about the interpreter. It adds how it was found, and how to choose another one.
func (i Interpreter) Fault(err error) error {
	return fmt.Errorf("cannot use %s (%s): %w%s", i.Path, i.Reason, err, howToChoose)
}

// Scaler returns the version of Scaler in the interpreter's virtual environment, or "" if that cannot be determined
// without running the interpreter.
func (i Interpreter) Scaler() string {
	const prefix, suffix = "opengris_scaler-", ".dist-info"
	environment := filepath.Dir(filepath.Dir(i.Path))
	found, err := filepath.Glob(filepath.Join(environment, "lib", "python3*", "site-packages", prefix+"*"+suffix))
	if err != nil || len(found) != 1 {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(found[0]), prefix), suffix)
}

// Find returns the first interpreter of: the value of --python (option), StarterVariable, SCALER_PYTHON, the directory
// of the running binary (a virtual environment's bin), VIRTUAL_ENV, PATH. If one of the first three is set and does
// not exist, that is an error.
func Find(option string, environment func(string) (string, bool)) (Interpreter, error) {
	if option != "" {
		return interpreterAt(option, "--python")
	}
	if value, _ := environment(StarterVariable); value != "" {
		return interpreterAt(value, "the Python that started this program")
	}
	if value, _ := environment("SCALER_PYTHON"); value != "" {
		return interpreterAt(value, "SCALER_PYTHON")
	}
	var tried []string
	if self, err := os.Executable(); err == nil {
		// If the binary is a link in a virtual environment's bin, that environment is meant.
		for _, folder := range []string{filepath.Dir(self), filepath.Dir(resolve(self))} {
			for _, name := range []string{"python3", "python"} {
				path := filepath.Join(folder, name)
				if check(path) == nil {
					return Interpreter{path, "beside the binary"}, nil
				}
				tried = append(tried, path)
			}
		}
	}
	if value, _ := environment("VIRTUAL_ENV"); value != "" {
		path := filepath.Join(value, "bin", "python")
		if check(path) == nil {
			return Interpreter{path, "VIRTUAL_ENV"}, nil
		}
		tried = append(tried, path)
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			return Interpreter{path, "PATH"}, nil
		}
		tried = append(tried, name+" on PATH")
	}
	return Interpreter{}, fmt.Errorf("found no Python, looked for %s%s", strings.Join(tried, ", "), howToChoose)
}

func interpreterAt(value, reason string) (Interpreter, error) {
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
