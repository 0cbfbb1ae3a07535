package dropin

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

const buildScript = "../../scripts/build_wheel.py"

// buildWheel writes the wheel of this machine's platform, or of others, into a folder, and returns the path of the first.
func buildWheel(folder string, platforms ...string) (string, error) {
	output, err := exec.Command("python3", append([]string{buildScript, folder}, platforms...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("cannot build the wheel: %w\n%s", err, output)
	}
	return onlyWheel(folder)
}

// buildNextWheel is buildWheel with a later version.
func buildNextWheel(folder, version string) (string, error) {
	const script = `
import sys; sys.path.insert(0, "../../scripts")
import build_wheel as backend
folder, version = sys.argv[1:]
backend.METADATA = backend.METADATA.replace(backend.VERSION, version)
backend.DIST_INFO = backend.DIST_INFO.replace(backend.VERSION, version)
backend.VERSION = version
backend.build_wheel(folder)
`
	if output, err := exec.Command("python3", "-c", script, folder, version).CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build wheel %s: %w\n%s", version, err, output)
	}
	return onlyWheel(folder)
}

func onlyWheel(folder string) (string, error) {
	found, _ := filepath.Glob(filepath.Join(folder, "*.whl"))
	if len(found) == 0 {
		return "", fmt.Errorf("no wheel in %s", folder)
	}
	return found[0], nil
}
