package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The clients of the feature page. The second differs from the page's in its last line: client.map returns
// results in every release, where the page takes them for futures.
const (
	pageAdd = `from scaler import Client
def add(a, b):
    return a + b
with Client(address="tcp://127.0.0.1:8516") as client:
    future = client.submit(add, 2, 3)
    print(future.result()) # 5
`
	pageSquares = `from scaler import Client
def square(x):
    return x * x
with Client(address="tcp://127.0.0.1:8516") as client:
    print(client.map(square, range(100)))
`
	pagePort = 8516
)

// The command lines of the feature page, word for word, with the worker manager first in PATH.
func TestQuickStartPage(t *testing.T) {
	for _, r := range releases(t, "1.26.6", "2.9.0") {
		t.Run(string(r), func(t *testing.T) {
			if port := takenPort(pagePort); port != 0 {
				t.Fatalf("the page's ports are not free: something listens at %d", port)
			}
			c := &cluster{release: r, mark: newMark(t), port: pagePort, address: "tcp://127.0.0.1:8516"}
			t.Cleanup(func() { c.checkGone(t) })
			page := &page{c, filepath.Join(c.mark.temporary(t, "bin"))}
			if err := os.Symlink(managerProgram(t, r), filepath.Join(page.programs, "scaler_worker_manager")); err != nil {
				t.Fatal(err)
			}
			scheduler := "scaler_scheduler tcp://127.0.0.1:8516"
			if !r.ownStorage() {
				awaitPort(t, page.run(t, "storage", "scaler_object_storage_server tcp://127.0.0.1:8517"), "127.0.0.1:8517")
				scheduler += " --object-storage-address tcp://127.0.0.1:8517"
			}
			scheduler += " \\\n--policy-content \"allocate=even_load; scaling=vanilla\""
			awaitPort(t, page.run(t, "scheduler", scheduler), "127.0.0.1:8516")
			for _, mode := range []struct{ name, command, client, want string }{
				{"fixed", "scaler_worker_manager baremetal_native tcp://127.0.0.1:8516 --mode fixed --max-task-concurrency 4", pageAdd, "5"},
				{"fixed8", "scaler_worker_manager baremetal_native tcp://127.0.0.1:8516 \\\n--mode fixed \\\n--max-task-concurrency 8", pageAdd, "5"},
				{"dynamic", "scaler_worker_manager baremetal_native tcp://127.0.0.1:8516 \\\n--max-task-concurrency 4", pageSquares, "[0, 1, 4, 9, 16,"},
			} {
				m := &manager{page.run(t, mode.name, mode.command), c.mark, mode.name}
				if answer := page.client(t, mode.client); !strings.HasPrefix(answer, mode.want) {
					t.Errorf("%s: the client printed %q, want %s", mode.name, answer, mode.want)
				}
				m.end(t, syscall.SIGINT)
			}
		})
	}
}

// A page is a terminal in which the page's lines are typed.
type page struct {
	*cluster
	programs string // first in PATH
}

// run starts a command line as a shell would; exec, so that the shell is not what the signals reach.
func (p *page) run(t *testing.T, role, line string) *process {
	t.Helper()
	command := exec.Command("sh", "-c", "exec "+line)
	command.Dir = p.mark.dir
	command.Env = p.environment(t, role)
	return start(t, role, command, false)
}

// environment has the release's virtual environment in PATH, behind the worker manager, and nothing that picks a Python.
func (p *page) environment(t *testing.T, role string) []string {
	path := p.programs + ":" + filepath.Dir(p.release.python()) + ":" + os.Getenv("PATH")
	return p.mark.environment(t, role, "PATH="+path)
}

// client runs a client of the page's and returns what it prints.
func (p *page) client(t *testing.T, source string) string {
	t.Helper()
	path := filepath.Join(p.mark.dir, "my_client.py")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", "exec python my_client.py")
	command.Dir = p.mark.dir
	command.Env = p.environment(t, "client")
	client := start(t, "my_client.py", command, true)
	client.finish(t)
	// The stream may still be on its way when the process has ended.
	line, _ := client.answers.waitFor(func(string) bool { return true }, 0, clientTimeout)
	return line
}
