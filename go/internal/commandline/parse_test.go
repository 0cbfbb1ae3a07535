package commandline

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/config"
)

func emptyEnvironment(string) (string, bool) { return "", false }

func parse(t *testing.T, line string) (Outcome, error) {
	t.Helper()
	return Parse(strings.Fields(line), emptyEnvironment)
}

func TestAccepted(t *testing.T) {
	const start = "baremetal_native tcp://h:1 "
	for _, test := range []struct {
		line, key, want string
	}{
		{start + "--max-task-concurrency 4", "max_task_concurrency", "4"},
		{start + "--max=4", "max_task_concurrency", "4"},
		{start + "-mtc -1", "max_task_concurrency", "-1"},
		{start + "-mt 4", "max_task_concurrency", "4"},
		{start + "-n4", "max_task_concurrency", "4"},
		{start + "--num 3 -n=5", "max_task_concurrency", "5"},
		{"--mode=fixed baremetal_native tcp://h:1", "mode", `"fixed"`},
		{"baremetal_native --mode fixed -- tcp://h:1", "mode", `"fixed"`},
		{"baremetal_native --logging-paths a b -hps tcp://h:1", "logging_paths", `["a","b"]`},
		{start + "-lp", "logging_paths", `[]`},
		{start + "--hard", "hard_processor_suspend", "true"},
		{start + "-psa tcp://w:2", "worker_scheduler_address", `"tcp://w:2"`},
		{start + "--public tcp://w:2", "worker_scheduler_address", `"tcp://w:2"`},
		{start + "-p linux,cpu=4", "per_worker_capabilities", `{"linux":-1,"cpu":4}`},
		{start + "--s 5", "scale_down_cooldown_seconds", "5"},
		{start + "--d 7", "death_timeout_seconds", "7"},
		{start + "--tls-c c --tls-k k", "tls_cert", `"c"`},
		{start + "--py /usr/bin/python3", "python", `"/usr/bin/python3"`},
		{start + "--warm numpy,pandas", "warm_imports", `["numpy","pandas"]`},
		{start + "--preload my_package.preload", "preload", `"my_package.preload"`},
		{start + "--worker-env A={slot} --worker-env B=x=1", "worker_env", `["A=***","B=***"]`},
		{start + "--http-address [::1]:9464", "http_address", `"[::1]:9464"`},
		{start + "--http-address :9464 --http-token hunter2", "http_token", `"***"`},
		{start + "--http-address :9464 --http-token @f", "http_token", `"@f"`},
	} {
		outcome, err := parse(t, test.line)
		if err != nil {
			t.Errorf("%s: %v", test.line, err)
			continue
		}
		values := map[string]json.RawMessage{}
		text, _ := outcome.Config.MarshalJSON()
		if err := json.Unmarshal(text, &values); err != nil {
			t.Fatal(err)
		}
		if outcome.Action != Run || string(values[test.key]) != test.want {
			t.Errorf("%s: %s is %s", test.line, test.key, values[test.key])
		}
	}
}

func TestMisuse(t *testing.T) {
	const start = "baremetal_native tcp://h:1 "
	for _, test := range []struct{ line, want string }{
		{"", "a subcommand is required, e.g. baremetal_native"},
		{"baremetal_native --config", "argument --config/-c: expected one argument"},
		{start + "-mtc", "argument --max-task-concurrency/-mtc: expected one argument"},
		{start + "-mtc x", `argument --max-task-concurrency/-mtc: invalid integer "x"`},
		{start + "-mtc x -mtc 4", `argument --max-task-concurrency/-mtc: invalid integer "x"`},
		{start + "-mtc4", "unrecognized arguments: -mtc4"},
		{start + "surplus --nonsense=1", "unrecognized arguments: surplus --nonsense=1"},
		{start + "-hps=1", `argument --hard-processor-suspend/-hps: ignored explicit argument "1"`},
		{start + "-mtc x -dts 1.5 --mode slow", "argument --max-task-concurrency/-mtc: invalid integer \"x\"\n" +
			"argument --death-timeout-seconds/-dts: invalid integer \"1.5\"\n" +
			`argument --mode: invalid choice "slow" (choose from dynamic, fixed)`},
		{start + "-mtc x --help", `argument --max-task-concurrency/-mtc: invalid integer "x"`},
		{start + "--max-task-concurency 4",
			"unrecognized arguments: --max-task-concurency 4; did you mean --max-task-concurrency?"},
		{"baremetal_native --max-task-concurency=4",
			"unrecognized arguments: --max-task-concurency=4; did you mean --max-task-concurrency?"},
		{start + "--m 4", "ambiguous option: --m could match --max-task-concurrency, --mode"},
		{start + "--w x", "ambiguous option: --w could match --worker-manager-id, --worker-scheduler-address, --worker-type"},
		{start + "--mode slow", `argument --mode: invalid choice "slow" (choose from dynamic, fixed)`},
		{start + "--preload --mode", "argument --preload: expected one argument"},
		{start + "--dry-run=x", `argument --dry-run: invalid choice "x" (choose from origins)`},
		{start + "--http-address 9464", `argument --http-address: invalid address "9464" (HOST:PORT, e.g. 127.0.0.1:9464): ` +
			"missing port in address"},
		{"completion", "expected the name of one shell: bash, zsh or fish"},
		{"completion tcsh", "expected the name of one shell: bash, zsh or fish"},
	} {
		_, err := parse(t, test.line)
		var usage *UsageError
		if !errors.As(err, &usage) || err.Error() != test.want ||
			!strings.HasPrefix(usage.Usage, "usage: scaler_worker_manager ") {
			t.Errorf("%s: got %v", test.line, err)
			continue
		}
		const before = "\nscaler_worker_manager: error: "
		lines := before + strings.ReplaceAll(test.want, "\n", before) + "\n"
		if text, status := Report(err); status != 2 || !strings.HasSuffix(text, lines) {
			t.Errorf("%s: status %d, %s", test.line, status, text)
		}
	}
}

func TestReportOfConfiguration(t *testing.T) {
	_, err := parse(t, "baremetal_native tcp://h:1 -it 0")
	if text, status := Report(err); status != 1 ||
		text != "scaler_worker_manager: error: io_threads: must be greater than 0, got 0\n" {
		t.Errorf("status %d, %s", status, text)
	}
	_, err = parse(t, "baremetal_native tcp://h:1 --http-address 0.0.0.0:9464")
	if text, status := Report(err); status != 1 || text != "scaler_worker_manager: error: http_address: 0.0.0.0:9464 is "+
		"reachable from other machines: set http_token, or http_tls_cert and http_tls_key\n" {
		t.Errorf("status %d, %s", status, text)
	}
	_, err = parse(t, "baremetal_native")
	if text, status := Report(err); status != 2 ||
		text != "scaler_worker_manager: error: scheduler_address: is required\n" {
		t.Errorf("status %d, %s", status, text)
	}
}

// A file that cannot be used is reported with its name, the line if there is one, and status 2.
func TestReportOfAFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "c.toml")
	for _, test := range []struct{ name, text, want string }{
		{"broken", "[[worker_manager]]\ntype = \n", path + ":2: invalid TOML: "},
		{"misspelt type", "[[worker_manager]]\nmode = \"fixed\"\ntype = \"bare_metal_native\"\n",
			path + `:3: no worker manager of type "baremetal_native"; is "bare_metal_native" a misspelling of it?`},
		{"misspelt key", "[[worker_manager]]\n\ntyp = \"baremetal_native\"\n",
			path + `:3: no worker manager of type "baremetal_native"; is the key typ a misspelling of type?`},
		{"no entry", "[[worker_manager]]\ntype = \"symphony\"\n", path + `: no worker manager of type "baremetal_native"`},
		{"two entries", "[[worker_manager]]\ntype = \"baremetal_native\"\n[[worker_manager]]\ntype = \"baremetal_native\"\n",
			path + ": 2 worker managers"},
	} {
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Parse([]string{"baremetal_native", "-c", path, "tcp://h:1"}, emptyEnvironment)
		text, status := Report(err)
		if status != 2 || !strings.HasPrefix(text, Program+": error: "+test.want) || strings.Count(text, "\n") != 1 {
			t.Errorf("%s: status %d, %s", test.name, status, text)
		}
	}
	for _, missing := range []string{filepath.Join(folder, "missing"), folder} {
		_, err := Parse([]string{"baremetal_native", "-c", missing, "tcp://h:1"}, emptyEnvironment)
		if text, status := Report(err); status != 2 || !strings.Contains(text, missing) || strings.Count(text, "\n") != 1 {
			t.Errorf("status %d, %s", status, text)
		}
	}
}

func TestReportOfSeveralValues(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.toml")
	text := "[[worker_manager]]\ntype = \"baremetal_native\"\nmode = 1\nio_threads = 0\nnice = 99\nrestart = \"never\"\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Parse([]string{"baremetal_native", "-c", path, "tcp://h:1"}, emptyEnvironment)
	got, status := Report(err)
	want := Program + ": error: " + path + ":4: io_threads: must be greater than 0, got 0\n" +
		Program + ": error: " + path + ":3: mode: expected a string, found an integer\n" +
		Program + ": error: " + path + ":5: nice: must be from -20 to 19, got 99\n"
	for _, line := range strings.SplitAfter(want, "\n") {
		if !strings.Contains(got, line) {
			t.Errorf("%q is missing in %s", line, got)
		}
	}
	if status != 2 || len(got) != len(want) {
		t.Errorf("status %d, %s", status, got)
	}
}

func TestActions(t *testing.T) {
	for _, test := range []struct {
		line, subcommand string
		action           Action
		output           string
	}{
		{"--help", "", Help, "symphony"},
		{"-h", "", Help, "baremetal_native"},
		{"--version", "", Version, ""},
		{"-V", "", Version, ""},
		{"baremetal_native -V", "baremetal_native", Version, ""},
		{"baremetal_native --help -mtc x", "baremetal_native", Help, "--max-task-concurrency, -mtc N"},
		{"-h baremetal_native", "baremetal_native", Help, "(default: 1000)"},
		{"baremetal_native --version", "baremetal_native", Version, ""},
		{"baremetal_native tcp://h:1 --dry-run", "baremetal_native", DryRun, "{\n  \"scheduler_address\": \"tcp://h:1\",\n"},
		{"baremetal_native tcp://h:1 --dry-run=origins", "baremetal_native", DryRun,
			`scheduler_address = "tcp://h:1"  # command line`},
		{"symphony --service-name x", "symphony", HandOver, ""},
		{"--config c.toml aws_hpc", "aws_hpc", HandOver, ""},
		{"completion bash", "completion", Completion, "complete -F"},
		{"completion zsh", "completion", Completion, "#compdef"},
		{"completion fish", "completion", Completion, "complete -c"},
		{"completion --help", "completion", Help, "usage: "},
	} {
		outcome, err := parse(t, test.line)
		if err != nil || outcome.Action != test.action || outcome.Subcommand != test.subcommand ||
			!strings.Contains(outcome.Output, test.output) {
			t.Errorf("%s: %v, %+v", test.line, err, outcome)
		}
		if outcome.Output != "" && !strings.HasSuffix(outcome.Output, "\n") {
			t.Errorf("%s: the output has no end", test.line)
		}
	}
}

func TestFileAndOverride(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.toml")
	text := "[worker_manager]\ntype = \"baremetal_native\"\nscheduler_address = \"tcp://h:1\"\n" +
		"mode = \"bad\"\nio_treads = 1\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	outcome, err := Parse([]string{"baremetal_native", "--mode", "fixed", "--con=" + path}, emptyEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	if !outcome.Config.Fixed() || outcome.Config.Origin("scheduler_address").Line != 3 ||
		outcome.Config.Origin("mode").String() != "--mode" {
		t.Errorf("got %+v", outcome.Config)
	}
	if len(outcome.Warnings) != 1 ||
		outcome.Warnings[0] != path+":5: unknown key io_treads is ignored; did you mean io_threads?" {
		t.Errorf("got %q", outcome.Warnings)
	}
	_, err = Parse([]string{"baremetal_native", "-c", path}, emptyEnvironment)
	if text, status := Report(err); status != 2 || !strings.Contains(text, path+":4: mode: invalid choice") {
		t.Errorf("status %d, %s", status, text)
	}
}

// TestHelpIsComplete holds the help and the completions against the table of options.
func TestHelpIsComplete(t *testing.T) {
	help := nativeHelp()
	scripts := map[string]string{"help": help, "bash": bashCompletion(), "zsh": zshCompletion()}
	for _, o := range config.Options() {
		for name, script := range scripts {
			if !o.Positional && !strings.Contains(script, o.Long()) {
				t.Errorf("%s does not know %s", name, o.Long())
			}
		}
		if !o.Positional && !strings.Contains(fishCompletion(), " -l "+o.Long()[2:]) {
			t.Errorf("fish does not know %s", o.Long())
		}
	}
	for _, line := range strings.Split(help, "\n") {
		if len(line) > 120 {
			t.Errorf("too long: %s", line)
		}
	}
}

// TestExamples parses the examples of both helps.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "[[worker_manager]]\ntype = \"baremetal_native\"\nscheduler_address = \"tcp://h:1\"\n"
	if err := os.WriteFile("config.toml", []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, help := range []string{overallHelp, nativeHelp()} {
		_, examples, _ := strings.Cut(help, "Examples:\n")
		parsed := 0
		for _, line := range strings.Split(examples, "\n") {
			if arguments, ok := strings.CutPrefix(line, "  "+Program+" "); ok {
				parsed++
				if outcome, err := parse(t, arguments); err != nil || len(outcome.Warnings) > 0 {
					t.Errorf("%s: %v, %v", line, err, outcome.Warnings)
				}
			}
		}
		if parsed < 2 {
			t.Errorf("%d examples in %s", parsed, examples)
		}
	}
}

// TestAbbreviations makes sure that no option of ours takes an abbreviation from one of Scaler's.
func TestAbbreviations(t *testing.T) {
	for _, o := range config.Options() {
		for _, name := range o.Names() {
			for length := 2; length < len(name.Text); length++ {
				found, err := newSecondParser(&second{}).lookUp(name.Text[:length])
				if err != nil || found == nil || found.option == nil {
					continue
				}
				if name.Since != config.Native && ours(found.name) {
					t.Errorf("%s means %s, not %s", name.Text[:length], found.name, name.Text)
				}
			}
		}
	}
}

func ours(name string) bool {
	for _, o := range config.Options() {
		if o.Since == config.Native && o.Long() == name {
			return true
		}
	}
	return false
}
