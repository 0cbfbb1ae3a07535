package dropin

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/installed"
)

// scaler_worker_manager works after every step, whichever distribution came last.
func TestInstallationOrders(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		e := copyEnvironment(t, release)
		next, err := installed.BuildNextWheel(t.TempDir(), "99.1")
		if err != nil {
			t.Fatal(err)
		}
		scaler := "opengris-scaler==" + release
		steps := []struct {
			name      string
			arguments []string
			native    bool // is the script ours?
			version   string
		}{
			{"after Scaler", []string{"install", "--no-index", installed.Wheel(t)}, true, ""},
			{"Scaler installed anew", []string{"install", "--force-reinstall", "--no-deps", scaler}, false, ""},
			{"upgraded", []string{"install", "--no-index", next}, true, "99.1"},
			{"Scaler removed", []string{"uninstall", "--yes", "opengris-scaler"}, true, "99.1"},
			{"ours removed", []string{"uninstall", "--yes", "scaler-native"}, false, ""},
			{"before Scaler", []string{"install", "--no-index", installed.Wheel(t)}, true, ""},
			{"Scaler after it", []string{"install", "--no-deps", scaler}, false, ""},
		}
		for _, step := range steps {
			e.Pip(t, step.arguments...)
			switch step.name {
			case "Scaler removed": // which removes the script too: the package's copy is left
				e.checkVersion(t, step.name, step.version, e.Python(), "-m", "scaler_native")
				e.checkSteering(t, step.name, step.version)
				continue
			case "ours removed":
				checkNothingOfOurs(t, e)
				continue
			}
			if native := e.Native(t); native != step.native {
				t.Errorf("%s: the script is ours: %v, want %v", step.name, native, step.native)
			}
			e.checkVersion(t, step.name, step.version, e.Path("bin", "scaler_worker_manager"))
			e.checkSteering(t, step.name, step.version)
			if step.name != "before Scaler" {
				e.checkHandOver(t, step.name)
			}
		}
		// The repair that docs/dropin.md names.
		e.Pip(t, "uninstall", "--yes", "scaler-native")
		e.Pip(t, "install", "--force-reinstall", "--no-deps", scaler)
		checkNothingOfOurs(t, e)
		output, err := exec.Command(e.Path("bin", "scaler_worker_manager"), "baremetal_native", "--help").CombinedOutput()
		if err != nil || strings.Contains(string(output), "--warm-imports") {
			t.Errorf("repaired: %v\n%s", err, output)
		}
	}, "1.26.6", "2.9.0")
}

// checkVersion checks that the program is ours, of a version, and finds its own environment's Python.
func (e environment) checkVersion(t *testing.T, step, version, program string, arguments ...string) {
	t.Helper()
	command := exec.Command(program, append(arguments, "--version")...)
	command.Env = cleanEnvironment()
	output, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "scaler-native "+version) ||
		!strings.Contains(string(output), e.Root) {
		t.Errorf("%s: --version: %v\n%s", step, err, output)
	}
}

// checkSteering checks that scaler-native is installed and that its caller gets its exit status.
func (e environment) checkSteering(t *testing.T, step, version string) {
	t.Helper()
	program := e.Path("bin", "scaler-native")
	if output, err := exec.Command(program, "version").CombinedOutput(); err != nil ||
		!strings.HasPrefix(string(output), "scaler-native "+version) {
		t.Errorf("%s: scaler-native version: %v\n%s", step, err, output)
	}
	var exit *exec.ExitError
	output, err := exec.Command(program, "status", "--socket", e.Path("none")).CombinedOutput()
	if !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("%s: scaler-native status of no manager: %v\n%s", step, err, output)
	}
}

// checkHandOver checks that Scaler still gets the subcommands that only it has.
func (e environment) checkHandOver(t *testing.T, step string) {
	t.Helper()
	command := exec.Command(e.Path("bin", "scaler_worker_manager"), "symphony", "--help")
	command.Env = cleanEnvironment()
	if output, err := command.CombinedOutput(); err != nil || !strings.Contains(string(output), "--service-name") {
		t.Errorf("%s: symphony --help: %v\n%s", step, err, output)
	}
}

func checkNothingOfOurs(t *testing.T, e environment) {
	t.Helper()
	entries, err := os.ReadDir(e.Packages(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if strings.HasPrefix(entry.Name(), "scaler_native") {
			t.Errorf("removing has left %s", entry.Name())
		}
	}
}
