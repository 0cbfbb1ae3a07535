package workers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// The clients of the page on this manager in Scaler's documentation. The second differs in its last line: client.map
// returns results in every release, but the page expects futures.
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

// The command lines of that page, word for word, with the worker manager first in PATH.
func TestQuickStartPage(t *testing.T) {
	for _, r := range cluster.Releases(t, "1.26.6", "2.9.0") {
		t.Run(string(r), func(t *testing.T) {
			if port := cluster.TakenPort(pagePort); port != 0 {
				t.Fatalf("the page's ports are not free: something listens at %d", port)
			}
			c := &cluster.Cluster{Release: r, Mark: cluster.NewMark(t), Port: pagePort, Address: "tcp://127.0.0.1:8516"}
			t.Cleanup(func() { c.CheckGone(t) })
			page := &page{c, filepath.Join(c.Mark.Temporary(t, "bin"))}
			if err := os.Symlink(cluster.ManagerProgram(t, r),
				filepath.Join(page.programs, "scaler_worker_manager")); err != nil {
				t.Fatal(err)
			}
			scheduler := "scaler_scheduler tcp://127.0.0.1:8516"
			if !r.OwnStorage() {
				cluster.AwaitPort(t, page.run(t, "storage", "scaler_object_storage_server tcp://127.0.0.1:8517"), "127.0.0.1:8517")
				scheduler += " --object-storage-address tcp://127.0.0.1:8517"
			}
			scheduler += " \\\n--policy-content \"allocate=even_load; scaling=vanilla\""
			cluster.AwaitPort(t, page.run(t, "scheduler", scheduler), "127.0.0.1:8516")
			for _, mode := range []struct{ name, command, client, want string }{
				{"fixed", "scaler_worker_manager baremetal_native tcp://127.0.0.1:8516 --mode fixed --max-task-concurrency 4",
					pageAdd, "5"},
				{"fixed8", "scaler_worker_manager baremetal_native tcp://127.0.0.1:8516 \\\n" +
					"--mode fixed \\\n--max-task-concurrency 8", pageAdd, "5"},
				{"dynamic", "scaler_worker_manager baremetal_native tcp://127.0.0.1:8516 \\\n--max-task-concurrency 4", pageSquares,
					"[0, 1, 4, 9, 16,"},
			} {
				m := &cluster.Manager{Process: page.run(t, mode.name, mode.command), Mark: c.Mark, Name: mode.name}
				if answer := page.client(t, mode.client); !strings.HasPrefix(answer, mode.want) {
					t.Errorf("%s: the client printed %q, want %s", mode.name, answer, mode.want)
				}
				m.End(t, syscall.SIGINT)
			}
		})
	}
}

// A page is a shell that runs the page's command lines.
type page struct {
	*cluster.Cluster
	programs string // first in PATH
}

// run starts a command line in a shell, with exec, so that signals reach the program and not the shell.
func (p *page) run(t *testing.T, role, line string) *cluster.Process {
	t.Helper()
	command := exec.Command("sh", "-c", "exec "+line)
	command.Dir = p.Mark.Dir
	command.Env = p.environment(t, role)
	return cluster.StartProcess(t, role, command, false)
}

// environment has the release's virtual environment in PATH, behind the worker manager, and nothing that picks a
// Python.
func (p *page) environment(t *testing.T, role string) []string {
	path := p.programs + ":" + filepath.Dir(p.Release.Python()) + ":" + os.Getenv("PATH")
	return p.Mark.Environment(t, role, "PATH="+path)
}

// client runs one of the page's clients and returns what it prints.
func (p *page) client(t *testing.T, source string) string {
	t.Helper()
	path := filepath.Join(p.Mark.Dir, "my_client.py")
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("sh", "-c", "exec python my_client.py")
	command.Dir = p.Mark.Dir
	command.Env = p.environment(t, "client")
	client := cluster.StartProcess(t, "my_client.py", command, true)
	client.Finish(t)
	// The process may end before its output has been read.
	line, _ := client.Answers.WaitFor(func(string) bool { return true }, 0, cluster.ClientTimeout)
	return line
}
