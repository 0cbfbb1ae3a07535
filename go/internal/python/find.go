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
	Reason string // "--python", "SCALER_PYTHON", "beside the binary", "of the environment", "VIRTUAL_ENV" or "PATH"
}

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

// Find looks, in this order, at the value of --python, at SCALER_PYTHON, in the folder of the running binary (a virtual
// environment's bin), in the environment that a wheel has installed the binary into, in VIRTUAL_ENV and on PATH. It is an
// error if a named interpreter does not exist; the other places are skipped.
func Find(option string, environment func(string) (string, bool)) (Interpreter, error) {
	if option != "" {
		return named(option, "--python")
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
		for _, path := range installedFor(resolve(self)) {
			if check(path) == nil {
				return Interpreter{path, "of the environment"}, nil
			}
			looked = append(looked, path)
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

// installedFor returns where the interpreter may be of the environment that has the binary in a package, as a wheel puts it
// there: <environment>/lib/python3.11/site-packages/scaler_native/bin/<binary>. The name with the version comes first,
// because the bin of a system may have several. Virtual environments of Python 3.8 do not have it.
func installedFor(binary string) []string {
	packages := filepath.Dir(filepath.Dir(filepath.Dir(binary)))
	versioned := filepath.Dir(packages)
	if filepath.Base(packages) != "site-packages" || !strings.HasPrefix(filepath.Base(versioned), "python3.") {
		return nil
	}
	folder := filepath.Join(filepath.Dir(filepath.Dir(versioned)), "bin")
	return []string{filepath.Join(folder, filepath.Base(versioned)), filepath.Join(folder, "python3"), filepath.Join(folder, "python")}
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
