package config

import (
	"reflect"
	"strings"
	"testing"
)

func arguments(t *testing.T, pairs ...string) map[string]Argument {
	t.Helper()
	given := map[string]Argument{"scheduler_address": parsed(t, "scheduler_address", "tcp://127.0.0.1:8516")}
	for i := 0; i < len(pairs); i += 2 {
		given[pairs[i]] = parsed(t, pairs[i], pairs[i+1])
	}
	return given
}

func parsed(t *testing.T, key, text string) Argument {
	t.Helper()
	o, ok := Find(key)
	if !ok {
		t.Fatalf("no option %s", key)
	}
	value, err := o.ParseText(text)
	if err != nil {
		t.Fatal(err)
	}
	return Argument{Value: value, Spelling: o.Long()}
}

const entryStart = "[[worker_manager]]\ntype = \"baremetal_native\"\n"

func section(t *testing.T, lines string) *Section {
	t.Helper()
	s, err := ParseFile("c.toml", entryStart+lines)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPrecedence(t *testing.T) {
	environment := func(name string) (string, bool) { return "/from/environment", name == "SCALER_PYTHON" }
	file := section(t, "python = \"/from/file\"\nio-threads = 3\n")
	for _, test := range []struct {
		name    string
		sources Sources
		python  string
		origin  string
	}{
		{"nothing", Sources{}, "", "default"},
		{"file", Sources{Section: file}, "/from/file", "c.toml:3"},
		{"environment", Sources{Section: file, Environment: environment}, "/from/environment", "$SCALER_PYTHON"},
		{"command line", Sources{Section: file, Environment: environment, Arguments: arguments(t, "python", "/from/option")},
			"/from/option", "--python"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.sources.Arguments == nil {
				test.sources.Arguments = arguments(t)
			}
			c, err := Load(test.sources)
			if err != nil {
				t.Fatal(err)
			}
			if c.Python != test.python || c.Origin("python").String() != test.origin ||
				c.Given("python") != (test.python != "") {
				t.Errorf("python is %q from %s", c.Python, c.Origin("python"))
			}
			if test.sources.Section != nil && c.IOThreads != 3 {
				t.Errorf("io_threads is %d", c.IOThreads)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	c, err := Load(Sources{Arguments: arguments(t)})
	if err != nil {
		t.Fatal(err)
	}
	if c.MaxTaskConcurrency < 1 || c.EventLoop != "builtin" || c.Fixed() || c.Given("preload") ||
		c.ScaleDownCooldownSeconds != 30 {
		t.Errorf("unexpected defaults: %+v", c)
	}
	if c.SchedulerAddressOfWorkers() != c.SchedulerAddress {
		t.Errorf("the workers get %v", c.SchedulerAddressOfWorkers())
	}
	if !strings.HasPrefix(c.WorkerManagerID, "NAT|") {
		t.Errorf("the id is %s", c.WorkerManagerID)
	}
	fixed, err := Load(Sources{Arguments: arguments(t, "mode", "fixed", "worker_scheduler_address", "tcp://h:1")})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(fixed.WorkerManagerID, "FIX|") || fixed.WorkerManagerID[4:] == c.WorkerManagerID[4:] {
		t.Errorf("the ids %s and %s should differ", fixed.WorkerManagerID, c.WorkerManagerID)
	}
	if fixed.SchedulerAddressOfWorkers().Host != "h" {
		t.Errorf("the workers get %v", fixed.SchedulerAddressOfWorkers())
	}
}

func TestOwnValues(t *testing.T) {
	c, err := Load(Sources{Arguments: arguments(t), Section: section(t, `
mode = "fixed"
cpu_affinity = "0-3,8"
cpus_per_worker = 2
worker_memory_limit = "1.5G"
worker_env = ["OMP_NUM_THREADS=2", "TMPDIR=/tmp/{slot}/{slot}", 'X={"a": {}}=', "X=last=1", "EMPTY="]
oom_score_adj = 0
`)})
	if err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{"OMP_NUM_THREADS": "2", "TMPDIR": "/tmp/7/7", "X": "last=1", "EMPTY": ""}
	if c.CPUAffinity.String() != "0-3,8" || c.CPUsPerWorker != 2 || c.WorkerMemoryLimit != 3<<29 || c.Restart != "never" ||
		!c.Given("oom_score_adj") || !reflect.DeepEqual(c.WorkerEnvironment(7), environment) {
		t.Errorf("got %+v", c)
	}
	plain, err := Load(Sources{Arguments: arguments(t)})
	if err != nil {
		t.Fatal(err)
	}
	if !plain.CPUAffinity.None() || plain.CPUsPerWorker != 1 || plain.WorkerMemoryLimit != 0 || plain.Restart != "" ||
		plain.Nice != 0 ||
		plain.Given("oom_score_adj") || len(plain.WorkerEnvironment(0)) != 0 || plain.DrainTimeoutSeconds != 300 {
		t.Errorf("got %+v", plain)
	}
}
