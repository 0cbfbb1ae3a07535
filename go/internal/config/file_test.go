package config

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

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
		"c.toml:9: io_threads overrides the same option on line 8",
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
		{"worker_manager = 1", "c.toml: worker_manager: expected a table, found an integer"},
		{"worker_manager = [[1]]", "c.toml: worker_manager: expected tables, found an array of other values among them"},
		{"\n\nx = = 1", "c.toml:3: invalid TOML: expected value but found '=' instead"},
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
