package installed

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// root is a clone of the repository.
func root() string { return cluster.Repository() }

// Tool is a program of .venvs/packaging, which `make venvs` makes.
func Tool(name string) (string, error) {
	return filepath.Abs(cluster.Repository(".venvs", "packaging", "bin", name))
}

// BuildDistribution builds a "wheel" or an "sdist" of sources into a folder, and returns its path.
func BuildDistribution(kind, sources, folder string, variables ...string) (string, error) {
	python, err := Tool("python")
	if err != nil {
		return "", err
	}
	command := exec.Command(python, "-m", "build", "--no-isolation", "--"+kind, "--outdir", folder, sources)
	command.Env = append(os.Environ(), variables...)
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build the %s: %w\n%s", kind, err, output)
	}
	found, _ := filepath.Glob(filepath.Join(folder, map[string]string{"wheel": "*.whl", "sdist": "*.tar.gz"}[kind]))
	if len(found) != 1 {
		return "", fmt.Errorf("in %s there are %v, want one %s", folder, found, kind)
	}
	return found[0], nil
}

// BuildWheel writes the wheel of this machine's platform into a folder, or that of variables (GOOS, GOARCH).
func BuildWheel(folder string, variables ...string) (string, error) {
	return BuildDistribution("wheel", root(), folder, variables...)
}

// BuildNextWheel is BuildWheel with a later version.
func BuildNextWheel(folder, version string) (string, error) {
	sources, err := UnpackSources(folder)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(sources, "VERSION"), []byte(version+"\n"), 0o600); err != nil {
		return "", err
	}
	// It has the former version, and hatchling would believe it.
	if err := os.Remove(filepath.Join(sources, "PKG-INFO")); err != nil {
		return "", err
	}
	return BuildDistribution("wheel", sources, filepath.Join(folder, "dist"))
}

// UnpackSources builds the sdist and unpacks it into a folder: the sources as somebody has them who has no clone.
func UnpackSources(folder string) (string, error) {
	sdist, err := BuildDistribution("sdist", root(), filepath.Join(folder, "sdist"))
	if err != nil {
		return "", err
	}
	if output, err := exec.Command("tar", "-xzf", sdist, "-C", folder).CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot unpack %s: %w\n%s", sdist, err, output)
	}
	return filepath.Join(folder, strings.TrimSuffix(filepath.Base(sdist), ".tar.gz")), nil
}
