package dropin

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Started as by a service manager: a bare environment, no terminal, no home, a folder that nobody can write to.
func TestService(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		e := nativeEnvironment(t, release)
		folder, port := t.TempDir(), cluster.Ports(t)
		address := fmt.Sprintf("tcp://127.0.0.1:%d", port)
		config := e.write(t, folder, "config.toml", e.servers(address, port)+fmt.Sprintf(pageSections["fixed"], address))
		scaler := e.startBare(t, e.Path("bin", "scaler"), config)
		client := e.start(t, folder, nil, e.Python(), e.write(t, folder, "client.py", squares), address)
		client.line(t, "SUM")
		scaler.awaitManager(t)
		// A second manager, started by the binary itself.
		manager := e.startBare(t, e.Path("bin", "scaler_worker_manager"), "baremetal_native", address, "--mode", "fixed",
			"--max-task-concurrency", "2")
		for !strings.Contains(manager.Output.String(), "all 2 workers registered") {
			select {
			case <-manager.Ended:
				t.Fatal("the manager has ended")
			default:
			}
		}
		manager.Signal(syscall.SIGTERM)
		if status := manager.wait(t); status != 0 {
			t.Errorf("the manager ended with %d", status)
		}
		manager.checkGone(t, nil)
		manager.checkNoSemaphores(t)
		_ = syscall.Kill(-scaler.PID(), syscall.SIGINT)
		scaler.wait(t)
		scaler.checkGone(t, nil)
	}, "1.26.6", "2.9.0")
}

// startBare starts a program with PATH and its mark alone, in a folder that nobody can write to.
func (e environment) startBare(t *testing.T, arguments ...string) *process {
	t.Helper()
	const script = `exec env -i PATH=/usr/bin:/bin ` + cluster.MarkVariable + `="$` + cluster.MarkVariable + `" "$@"`
	return e.start(t, "/proc", nil, "sh", append([]string{"-c", script, "sh"}, arguments...)...)
}

// A Python that never imports Scaler imports nothing of ours.
func TestOtherProgramsAreLeftAlone(t *testing.T) {
	e := nativeEnvironment(t, "2.9.0")
	const program = `import sys; print([name for name in sys.modules if name.startswith("scaler")])`
	for _, arguments := range [][]string{{"-c", program}, {"-I", "-c", program}, {"-S", "-c", program},
		{"-X", "dev", "-W", "error", "-c", program}} {
		output, err := exec.Command(e.Python(), arguments...).CombinedOutput()
		if err != nil || strings.TrimSpace(string(output)) != "[]" {
			t.Errorf("python %v: %v\n%s", arguments[:len(arguments)-1], err, output)
		}
	}
	if _, err := os.Stat(filepath.Join(e.Packages(t), "scaler_native.pth")); err != nil {
		t.Fatal(err)
	}
}

// The .pth file costs almost nothing in a Python that does not use Scaler.
func TestStartUpTime(t *testing.T) {
	with := nativeEnvironment(t, "2.9.0")
	without := copyEnvironment(t, "2.9.0")
	least := map[string]time.Duration{}
	for range 100 { // in turns, and the least of each: other work on the machine only adds
		for _, python := range []string{with.Python(), without.Python()} {
			begun := time.Now()
			if err := exec.Command(python, "-c", "pass").Run(); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); least[python] == 0 || took < least[python] {
				least[python] = took
			}
		}
	}
	t.Logf("python -c pass: %v with, %v without", least[with.Python()], least[without.Python()])
	if least[with.Python()] > least[without.Python()]*11/10 {
		t.Errorf("python -c pass takes %v, without the wheel %v", least[with.Python()], least[without.Python()])
	}
}
