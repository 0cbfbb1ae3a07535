package dropin

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

const squares = `
import sys
from scaler import Client

def square(x):
    return x * x

with Client(address=sys.argv[1]) as client:
    print("SUM", sum(client.map(square, range(100))), flush=True)
`

// pageSections are the two files of the page on this manager in Scaler's documentation, with the test's port.
var pageSections = map[string]string{
	"dynamic": `[[worker_manager]]
type = "baremetal_native"
scheduler_address = "%s"
worker_manager_id = "NAT|default"
max_task_concurrency = 4
logging_level = "INFO"
task_timeout_seconds = 60
`,
	"fixed": `[[worker_manager]]
type = "baremetal_native"
scheduler_address = "%s"
worker_manager_id = "NAT|fixed"
mode = "fixed"
max_task_concurrency = 8
logging_level = "INFO"
`,
}

// `scaler config.toml` with a whole cluster in one file works, and ends as with Scaler's own manager.
func TestLauncher(t *testing.T) {
	eachRelease(t, func(t *testing.T, release string) {
		e := nativeEnvironment(t, release)
		for mode, section := range pageSections {
			for name, signal := range map[string]syscall.Signal{"Ctrl-C": syscall.SIGINT, "SIGTERM": syscall.SIGTERM} {
				t.Run(mode+" "+name, func(t *testing.T) {
					ours := e.launch(t, section, signal)
					if theirs := e.launch(t, section, signal, "SCALER_NATIVE=0"); ours != theirs {
						t.Errorf("the exit status is %d, with Scaler's own manager %d", ours, theirs)
					}
				})
			}
		}
	}, "1.26.6", "2.9.0")
}

// launch runs the program `scaler` until a client has its answers, then sends the signal and returns the exit status.
func (e environment) launch(t *testing.T, section string, signal syscall.Signal, variables ...string) int {
	t.Helper()
	folder, port := t.TempDir(), cluster.Ports(t)
	address := fmt.Sprintf("tcp://127.0.0.1:%d", port)
	e.write(t, folder, "config.toml", e.servers(address, port)+fmt.Sprintf(section, address))
	p := e.start(t, folder, variables, e.Path("bin", "scaler"), "config.toml")
	client := e.start(t, folder, nil, e.Python(), e.write(t, folder, "client.py", squares), address)
	if sum := client.line(t, "SUM"); sum != "328350" {
		t.Errorf("the sum of the squares is %s", sum)
	}
	native := len(variables) == 0
	if native {
		p.awaitManager(t)
	}
	if signal == syscall.SIGINT { // reaches everybody at the terminal
		_ = syscall.Kill(-p.PID(), signal)
	} else {
		p.Signal(signal)
	}
	status := p.wait(t)
	if native {
		p.checkGone(t, func(command string) bool {
			// After SIGTERM, `scaler` of 1.x ends at once and does not tell its other processes.
			return status == -int(syscall.SIGTERM) && !strings.Contains(command, "scaler_worker_manager") &&
				!strings.Contains(command, "scaler: ")
		})
		if text := p.Output.String(); strings.Contains(text, "killing what is left") {
			t.Error("workers were killed and not stopped")
		}
	}
	return status
}

// servers are the sections of object storage and scheduler, whose keys were renamed in 2.0.
func (e environment) servers(address string, port int) string {
	storage := fmt.Sprintf("tcp://127.0.0.1:%d", port+1)
	bind, bindStorage := "bind_address", "bind_address"
	if strings.HasPrefix(e.Release, "1.") {
		bind, bindStorage = "scheduler_address", "object_storage_address"
	}
	return fmt.Sprintf("[object_storage_server]\n%s = %q\n\n[scheduler]\n%s = %q\nobject_storage_address = %q\n\n",
		bindStorage, storage, bind, address, storage)
}

func (e environment) write(t *testing.T, folder, name, text string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
