package config

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
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

func TestRefused(t *testing.T) {
	for _, test := range []struct {
		name    string
		options []string
		file    string
		want    string
		status  int
	}{
		{"empty id", []string{"worker_manager_id", ""}, "", "worker_manager_id: must not be empty", 1},
		{"below -1", []string{"max_task_concurrency", "-2"}, "", "max_task_concurrency: must be at least -1, is -2", 1},
		{"no limit in fixed mode", []string{"max_task_concurrency", "-1", "mode", "fixed"}, "",
			"max_task_concurrency: must be at least 0 in fixed mode", 1},
		{"no interval", []string{"heartbeat_interval_seconds", "0"}, "",
			"heartbeat_interval_seconds: must be greater than 0, is 0", 1},
		{"certificate without key", []string{"tls_cert", ""}, "", "tls_cert: needs tls_key too", 1},
		{"key without certificate", nil, "tls_key = \"k\"", "c.toml:3: tls_key: needs tls_cert too", 1},
		{"type", nil, "\n\nio_threads = true", "c.toml:5: io_threads: found a boolean, wanted an integer", 2},
		{"fraction", nil, "io_threads = 1.0", "c.toml:3: io_threads: found a float, wanted an integer", 2},
		{"infinity", nil, "death-timeout-seconds = inf", "c.toml:3: death_timeout_seconds: invalid finite number +Inf", 2},
		{"array", nil, "logging_paths = [\"a\", 1]",
			"c.toml:3: logging_paths: found an array of other things, wanted an array of strings or a string", 2},
		{"table", nil, "[worker_manager.mode]\nx = 1", "c.toml:3: mode: found a table, wanted a string", 2},
		{"date", nil, "preload = 2020-01-01", "c.toml:3: preload: found a date or time, wanted a string", 2},
		{"choice", nil, "logging_level = \"debug\"",
			"c.toml:3: logging_level: invalid choice \"debug\" (choose from CRITICAL, ERROR, WARNING, INFO, DEBUG)", 2},
		{"above a range", []string{"nice", "20"}, "", "nice: must be from -20 to 19, is 20", 1},
		{"below a range", nil, "oom_score_adj = -1", "c.toml:3: oom_score_adj: must be from 0 to 1000, is -1", 1},
		{"no CPU for a worker", []string{"cpus_per_worker", "0"}, "", "cpus_per_worker: must be greater than 0, is 0", 1},
		{"affinity", nil, "cpu_affinity = \"2-1\"",
			"c.toml:3: cpu_affinity: invalid CPU affinity \"2-1\" (none, spread, compact, or CPUs like 0-3,8): " +
				"the range 2-1 is the wrong way round", 2},
		{"affinity as a number", nil, "cpu_affinity = 3", "c.toml:3: cpu_affinity: found an integer, wanted a string", 2},
		{"no unit", []string{"worker_memory_limit", "4"}, "",
			"worker_memory_limit: must be 0 or at least 1 MiB, is 4 bytes", 1},
		{"negative size", nil, "worker_memory_limit = -1", "c.toml:3: worker_memory_limit: must be at least 0, is -1", 1},
		{"size", nil, "worker_memory_limit = \"4 apples\"",
			"c.toml:3: worker_memory_limit: invalid size \"4 apples\" (bytes, or like 500M, 1.5G or 4GiB)", 2},
		{"size with a fraction", nil, "worker_memory_limit = 1.5",
			"c.toml:3: worker_memory_limit: found a float, wanted an integer or a string", 2},
		{"variable without a value", nil, "worker_env = [\"A=1\", \"B\"]",
			"c.toml:3: worker_env: variable 2 has no \"=\" (NAME=VALUE)", 2},
		{"variable without a name", nil, "worker_env = \"=1\"",
			"c.toml:3: worker_env: variable 1 has no name (NAME=VALUE)", 2},
		{"variables in a table", nil, "worker_env = {A = \"1\"}",
			"c.toml:3: worker_env: found a table, wanted an array of strings or a string", 2},
		{"restart", []string{"restart", "on-failure"}, "",
			"restart: needs fixed mode; in dynamic mode a worker is replaced while the scheduler wants it", 1},
		{"never to restart", nil, "restart = \"never\"",
			"c.toml:3: restart: needs fixed mode; in dynamic mode a worker is replaced while the scheduler wants it", 1},
		{"earlier key", nil, "public_scheduler_address = 5",
			"c.toml:3: worker_scheduler_address: found an integer, wanted a string", 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Load(Sources{Arguments: arguments(t, test.options...), Section: section(t, test.file)})
			var refused *Error
			if !errors.As(err, &refused) || err.Error() != test.want || refused.Status != test.status {
				t.Errorf("got %v", err)
			}
		})
	}
	_, err := Load(Sources{})
	if err == nil || err.Error() != "scheduler_address: is required" {
		t.Errorf("got %v", err)
	}
}

func TestFileValues(t *testing.T) {
	s := section(t, `
max_task_concurrency = "1_0"
heartbeat-interval-seconds = 0.5
hard_processor_suspend = "TRUE"
logging_paths = "a"
logging_level = "WARN"
warm_imports = "numpy, pandas,"
per_worker_capabilities = "linux, cpu = 4,linux=2"
`)
	c, err := Load(Sources{Arguments: arguments(t), Section: s})
	if err != nil {
		t.Fatal(err)
	}
	want := Capabilities{{"linux", 2}, {"cpu", 4}}
	if c.MaxTaskConcurrency != 10 || c.HeartbeatIntervalSeconds != 0.5 || !c.HardProcessorSuspend ||
		c.LoggingLevel != "WARNING" ||
		!reflect.DeepEqual(c.LoggingPaths, []string{"a"}) || !reflect.DeepEqual(c.WarmImports, []string{"numpy", "pandas"}) ||
		!reflect.DeepEqual(c.PerWorkerCapabilities, want) {
		t.Errorf("got %+v", c)
	}
}

func TestWarnings(t *testing.T) {
	s := section(t, "max_task_concurency = 4\nnum_of_workers = 4\nxyzzy = 1\n\nlogging.level = 5\n"+
		"io-threads = 2\nio_threads = 3\ndry_run = true\n")
	want := []string{
		"c.toml:3: unknown key max_task_concurency is ignored; did you mean max_task_concurrency?",
		"c.toml:4: unknown key num_of_workers is ignored; did you mean max_task_concurrency?",
		"c.toml:5: unknown key xyzzy is ignored",
		"c.toml:7: unknown key logging is ignored",
		"c.toml:9: io_threads overrides the same option in line 8",
		"c.toml:10: unknown key dry_run is ignored",
	}
	if !reflect.DeepEqual(s.Warnings, want) {
		t.Errorf("got %q", s.Warnings)
	}
}

func TestSelection(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", `c.toml: no worker manager of type "baremetal_native"`},
		{"[worker_manager]\nmode = 1", `c.toml: no worker manager of type "baremetal_native"`},
		{entryStart + entryStart, `c.toml: 2 worker managers of type "baremetal_native", expected exactly one`},
		{"worker_manager = 1", "c.toml: worker_manager: found an integer, wanted a table"},
		{"worker_manager = [[1]]", "c.toml: worker_manager: found an array of other things in the list, wanted a table"},
		{"\n\nx = = 1", "c.toml:3: not TOML: expected value but found '=' instead"},
	} {
		if _, err := ParseFile("c.toml", test.text); err == nil || err.Error() != test.want {
			t.Errorf("%q: got %v", test.text, err)
		}
	}
	if _, err := ReadFile(filepath.Join(t.TempDir(), "missing")); err == nil ||
		!strings.HasPrefix(err.Error(), "cannot read the configuration: ") {
		t.Errorf("got %v", err)
	}
}

func TestLines(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       map[string]int
	}{
		{"list", "[[worker_manager]]\ntype = \"symphony\"\nmode = \"x\"\n[scheduler]\nmode = 1\n" +
			"[[worker_manager]]\r\ntype = \"baremetal_native\" # [[worker_manager]]\r\n\r\nmode = \"fixed\"\n",
			map[string]int{"mode": 9}},
		{"long strings", "[worker_manager]\npreload = \"\"\"\nmode = 1\n\\\"\"\"\"\ntype = 'baremetal_native'\n" +
			"logging_paths = [\n \"]\", # ]\n '''\n]''',\n]\n\"mode\" = \"fixed\"\n",
			map[string]int{"preload": 2, "logging_paths": 6, "mode": 11}},
		{"dotted", "# comment\nworker_manager . type = \"baremetal_native\"\nworker_manager.\"mode\" = \"fixed\"\n",
			map[string]int{"mode": 3}},
		{"inline", "\nworker_manager = [{type = \"baremetal_native\", mode = \"fixed\"}]\n", map[string]int{"mode": 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := ParseFile("c.toml", test.text)
			if err != nil {
				t.Fatal(err)
			}
			for key, line := range test.want {
				if entry, ok := s.entries[key]; !ok || entry.line != line {
					t.Errorf("%s is in line %d", key, entry.line)
				}
			}
		})
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

// TestRoundTrip reads the dump again.
func TestRoundTrip(t *testing.T) {
	c, err := Load(Sources{Arguments: arguments(t, "cpu_affinity", "3,0-1", "worker_memory_limit", "1.5G",
		"worker_env", "A={\"b\": 1}",
		"mode", "fixed", "nice", "-3", "preload", "m:f(\"\\\x7f\t<é>\")", "reconnect_timeout_seconds", "1e30",
		"stop_timeout_seconds", "0.5", "per_worker_capabilities", "a,b=2", "warm_imports", "x,y",
		"http_address", "[::1]:0", "http_token", "@/run/token")})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "c.toml")
	if err := os.WriteFile(path, []byte(c.TOML()), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := ReadFile(path)
	if err != nil {
		t.Fatalf("%v in\n%s", err, c.TOML())
	}
	again, err := Load(Sources{Section: s})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := json.Marshal(c)
	second, _ := json.Marshal(again)
	if string(first) != string(second) || len(s.Warnings) > 0 {
		t.Errorf("%s\nbecame\n%s\n%q", first, second, s.Warnings)
	}
}

func TestDump(t *testing.T) {
	c, err := Load(Sources{Arguments: arguments(t, "worker_manager_id", "x", "max_task_concurrency", "-1",
		"per_worker_capabilities", "b,a=1")})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"scheduler_address":"tcp://127.0.0.1:8516","worker_manager_id":"x","worker_scheduler_address":null,` +
		`"object_storage_address":null,` +
		`"max_task_concurrency":-1,"scale_down_cooldown_seconds":30,"per_worker_capabilities":{"b":-1,"a":1},`
	if !strings.HasPrefix(string(text), want) {
		t.Errorf("got %s", text)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	s := section(t, "worker_env = [\"AWS_SECRET=hunter2\", \"EMPTY=\", 'X=a=hunter2']\n"+
		`preload = "m:connect(1, user='me', password='hunter2', API_KEY=\"hunter2\")"`+"\n")
	c, err := Load(Sources{Arguments: arguments(t), Section: s})
	if err != nil {
		t.Fatal(err)
	}
	text, err := c.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(text), c.TOML()} {
		if strings.Contains(shown, "hunter2") {
			t.Errorf("a secret is shown: %s", shown)
		}
		for _, name := range []string{"AWS_SECRET=***", "EMPTY=***", "X=***", "user='me', password=***, API_KEY=***)"} {
			if !strings.Contains(shown, name) {
				t.Errorf("%s is not shown: %s", name, shown)
			}
		}
	}
	if c.WorkerEnvironment(0)["AWS_SECRET"] != "hunter2" || !strings.Contains(c.Preload, "hunter2") {
		t.Error("the workers get the mask")
	}
	if _, err := Load(Sources{Arguments: arguments(t), Section: section(t, `worker_env = ["hunter2"]`)}); err == nil ||
		strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// TestTable checks what every row must have, and that Config has a field for each key.
func TestTable(t *testing.T) {
	fields := map[string]bool{}
	for i := range reflect.TypeFor[Config]().NumField() {
		if tag := reflect.TypeFor[Config]().Field(i).Tag.Get("mapstructure"); tag != "" {
			fields[tag] = true
		}
	}
	names := map[string]string{}
	for _, o := range Options() {
		if o.Help == "" || o.Group == "" {
			t.Errorf("%s has no help or group", o.Key)
		}
		if fields[o.Key] == o.Action {
			t.Errorf("%s: Config and the table disagree", o.Key)
		}
		delete(fields, o.Key)
		for _, name := range o.Names() {
			if other, twice := names[name.Text]; twice {
				t.Errorf("%s is a name of %s and %s", name.Text, other, o.Key)
			}
			names[name.Text] = o.Key
		}
	}
	if len(fields) > 0 {
		t.Errorf("fields without a row: %v", fields)
	}
}

func TestDuration(t *testing.T) {
	if d := Duration(0.5); d != 500*time.Millisecond {
		t.Errorf("got %v", d)
	}
	if d := Duration(1e30); d < 200*365*24*time.Hour {
		t.Errorf("got %v", d)
	}
}
