package libraries

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// patience is the time of a task. Imports take seconds on a busy machine.
const patience = 45 * time.Second

// A way says who imports a library, and when. {} in an argument stands for the library's module.
type way struct {
	name      string
	arguments []string
	upstream  bool
}

var scalers = way{name: "scaler", upstream: true}

var ways = []way{
	{name: "plain"},
	{name: "preload", arguments: []string{"--preload", "{}"}},
	{name: "warm", arguments: []string{"--warm-imports", "{}"}},
	{name: "used", arguments: []string{"--warm-imports", "used"}}, // programs/used.py
}

// modules are those whose name is not the library's.
var modules = map[string]string{
	"concurrency": "asyncio", "matplotlib": "matplotlib.pyplot", "pillow": "PIL.Image",
	"cryptography": "cryptography.fernet", "lxml": "lxml.etree", "pyarrow": "pyarrow.parquet",
	"sklearn": "sklearn.ensemble", "scipy": "scipy.linalg",
}

// distributions are the names under which libraries are installed, if they differ.
var distributions = map[string]string{
	"sklearn": "scikit-learn", "grpc": "grpcio", "zmq": "pyzmq", "xgboost": "xgboost-cpu",
}

// standard are the libraries that Python has itself.
var standard = map[string]bool{"concurrency": true, "multiprocessing": true}

// litter is what libraries leave in the folder for temporary files under any manager.
var litter = []string{"torchinductor_*"}

func moduleOf(library string) string {
	if name, ok := modules[library]; ok {
		return name
	}
	return library
}

// versionOf skips the test if a library is not installed.
func versionOf(t *testing.T, environment cluster.Release, library string) string {
	t.Helper()
	cluster.NeedRelease(t, environment)
	program, name := "import platform; print('Python', platform.python_version())", library
	if !standard[library] {
		if other, ok := distributions[library]; ok {
			name = other
		}
		program = "from importlib import metadata; print(metadata.version('" + name + "'))"
	}
	output, err := exec.Command(environment.Python(), "-c", program).Output()
	if err != nil {
		t.Skipf("NOT RUN: %s is not installed in .venvs/%s", name, environment)
	}
	return strings.TrimSpace(string(output))
}

// A result is what the tasks of a library returned in one way.
type result struct {
	order   []string
	tasks   map[string]string // JSON of what the runs of a task returned
	failed  []string          // what did not return a value
	hung    string            // the task that did not end
	spawned string            // why workers were not forked, or ""
	threads int               // the most that a processor had after a task
}

// summary is a cell of the table.
func (r result) summary() string {
	var words []string
	switch {
	case r.hung != "":
		words = append(words, "**hangs** in "+r.hung)
	case len(r.failed) > 0:
		words = append(words, "**fails**: "+strings.Join(r.failed, ", "))
	default:
		words = append(words, "right")
	}
	if r.spawned != "" {
		words = append(words, "spawned")
	}
	return fmt.Sprintf("%s, %d", strings.Join(words, ", "), r.threads)
}

// An answer is a line of client.py.
type answer struct {
	Task     string
	Outcomes []struct {
		Value       json.RawMessage
		Threads     int
		Hangs       bool
		Error, Says string
	}
}

// start starts a manager, and a client that submits each task so often that each worker gets one.
func start(t *testing.T, c *cluster.Cluster, library string, w way, workers int) (m *cluster.Manager,
	client *cluster.Process, socket string) {
	t.Helper()
	programs, err := filepath.Abs("programs")
	if err != nil {
		t.Fatal(err)
	}
	socket = filepath.Join(c.Mark.Dir, w.name+".socket")
	setup := cluster.Fixed(strconv.Itoa(workers))
	// joblib leaves its folders when the process that made them is a child of multiprocessing, as all processors are.
	setup.Environment = []string{"PYTHONPATH=" + programs, "LIBRARY=" + library, "JOBLIB_TEMP_FOLDER=" + t.TempDir()}
	if w.upstream {
		setup.Program = c.Release.Program("scaler_worker_manager")
	} else {
		setup.Arguments = append(setup.Arguments, "--control-socket", socket)
	}
	for _, argument := range w.arguments {
		setup.Arguments = append(setup.Arguments, strings.ReplaceAll(argument, "{}", moduleOf(library)))
	}
	m = c.StartManager(t, w.name, setup)
	command := exec.Command(c.Release.Python(), filepath.Join(programs, "client.py"), c.Address, library,
		strconv.Itoa(int(patience.Seconds())), strconv.Itoa(workers))
	command.Dir = c.Mark.Dir
	command.Env = c.Mark.Environment(t, "client", "PYTHONUNBUFFERED=1")
	if _, err := command.StdinPipe(); err != nil { // it waits there if a task hangs
		t.Fatal(err)
	}
	return m, cluster.StartProcess(t, "client", command, true), socket
}

// run starts a manager with two workers, runs the tasks, and stops it.
func run(t *testing.T, c *cluster.Cluster, library string, w way) result {
	t.Helper()
	m, client, socket := start(t, c, library, w, 2)
	r := collect(t, m, client, socket, w)
	for _, line := range m.Output.Whole(0) {
		if strings.Contains(line, "are not forked but spawned") {
			r.spawned = line
		}
		if regexp.MustCompile(`WARN|ERROR|CRITICAL|Error|[wW]arning`).MatchString(line) {
			t.Logf("%s: %s", w.name, line)
		}
	}
	if r.hung == "" {
		client.Finish(t)
	} else {
		client.Kill()
	}
	end(t, m, w)
	return r
}

// collect reads the client's answers. If a task hangs, it logs the stacks of the processors.
func collect(t *testing.T, m *cluster.Manager, client *cluster.Process, socket string, w way) result {
	t.Helper()
	r := result{tasks: map[string]string{}}
	for {
		var a answer
		client.Answer(t, len(r.order), &a)
		if a.Task == "" {
			return r
		}
		r.order = append(r.order, a.Task)
		var values []string
		for _, outcome := range a.Outcomes {
			r.threads = max(r.threads, outcome.Threads)
			values = append(values, string(outcome.Value)+outcome.Error)
			if outcome.Error != "" {
				r.failed = append(r.failed, a.Task+" ("+outcome.Error+")")
				t.Logf("%s: %s: %s: %s", w.name, a.Task, outcome.Error, outcome.Says)
			}
			if outcome.Hangs {
				r.hung = a.Task
			}
		}
		r.tasks[a.Task] = strings.Join(values, " ")
		if r.hung != "" {
			t.Errorf("%s: %s hangs", w.name, r.hung)
			if !w.upstream {
				logStacks(t, m, socket)
			}
			return r
		}
	}
}

// logStacks logs what the processors do.
func logStacks(t *testing.T, m *cluster.Manager, socket string) {
	t.Helper()
	program := filepath.Join(filepath.Dir(cluster.ManagerProgram(t, "2.9.0")), "scaler-native")
	text, err := exec.Command(program, "--socket", socket, "--json", "status").Output()
	if err != nil {
		t.Errorf("no status of a manager whose task hangs: %v", err)
	}
	var state struct{ Members []struct{ Pid int } }
	if err := json.Unmarshal(text, &state); err != nil {
		t.Errorf("status %q: %v", text, err)
	}
	for _, member := range state.Members {
		text, _ := exec.Command(program, "--socket", socket, "stacks", strconv.Itoa(member.Pid)).CombinedOutput()
		t.Logf("stacks of worker %d of %s:\n%s", member.Pid, m.Name, text)
	}
}

// end stops the manager. Ours must leave nothing; what Scaler's own leaves is removed.
func end(t *testing.T, m *cluster.Manager, w way) {
	t.Helper()
	if !w.upstream {
		for _, pattern := range litter {
			found, _ := filepath.Glob(filepath.Join(m.Mark.Temporary(t, m.Name), pattern))
			for _, path := range found {
				os.RemoveAll(path)
			}
		}
		m.End(t, syscall.SIGTERM)
		return
	}
	m.Signal(syscall.SIGTERM)
	if _, ok := m.Wait(cluster.StopTimeout); !ok {
		m.Kill()
	}
	for _, left := range m.Mark.Processes(m.Name) {
		_ = syscall.Kill(left.Pid, syscall.SIGKILL)
	}
	os.RemoveAll(m.Mark.Temporary(t, m.Name))
}
