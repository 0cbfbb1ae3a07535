package command

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/control/fake"
)

// managers starts fake managers with pids 11, 12, ... Their workers have pids 21 and 31, 22 and 32, ...
func managers(t *testing.T, number int) []*fake.Manager {
	t.Helper()
	t.Setenv(socketVariable, "")
	directory := fake.Directory(t)
	var list []*fake.Manager
	for i := range number {
		pid := 11 + i
		m := &fake.Manager{State: fake.State(pid)}
		list = append(list, m.Serve(t, filepath.Join(directory, fmt.Sprintf("%d.sock", pid))))
	}
	return list
}

// result is the result of a run of the program.
type result struct {
	status      int
	out, errors string
}

func run(arguments ...string) result {
	var out, errors bytes.Buffer
	status := Run(context.Background(), arguments, &out, &errors)
	return result{status, out.String(), errors.String()}
}

// check compares the status, and matches the outputs against regular expressions. An empty one means no output.
func (r result) check(t *testing.T, status int, out, errors string) {
	t.Helper()
	matches := func(want, got string) bool {
		return want == "" && got == "" || want != "" && regexp.MustCompile("(?s)"+want).MatchString(got)
	}
	if r.status != status || !matches(out, r.out) || !matches(errors, r.errors) {
		t.Errorf("status %d, output:\n%s\nerrors:\n%s\nwant %d, %q and %q", r.status, r.out, r.errors, status, out, errors)
	}
	if lines := strings.Count(r.errors, "\n"); lines > 1 || lines == 1 && !strings.HasPrefix(r.errors, Name+": ") {
		t.Errorf("not one line with our prefix:\n%s", r.errors)
	}
}

func TestMisuse(t *testing.T) {
	managers(t, 1)
	for _, arguments := range [][]string{
		{}, {"nothing"}, {"--nothing"}, {"status", "--nothing"}, {"status", "a", "b"}, {"logs"},
		{"stacks", "a", "b"}, {"resize"}, {"resize", "x"}, {"resize", "-2"}, {"resize", "1.5"},
		{"restart"}, {"restart", "21", "--all"}, {"drain", "--deadline", "-1"}, {"drain", "--deadline", "NaN"},
		{"status", "--timeout", "0"}, {"status", "--timeout", "NaN"}, {"events", "--after", "-1"}, {"top", "--json"}, {"top"},
		{"status", "--socket", "x", "--manager", "y"}, {"status", "11", "--manager", "11"}, {"version", "x"},
	} {
		r := run(arguments...)
		if r.status != statusUsage || r.out != "" ||
			!strings.HasPrefix(r.errors, "scaler-native: error: ") || strings.Count(r.errors, "\n") != 1 {
			t.Errorf("%q: status %d, %q, %q", arguments, r.status, r.out, r.errors)
		}
	}
}

func TestHelpNamesEveryCommandAndStatus(t *testing.T) {
	r := run("--help")
	r.check(t, statusOK, "Exit status:\n  0  done\n", "")
	for _, name := range []string{
		"status", "top", "events", "logs", "stacks", "drain", "resume", "resize", "restart", "stop", "version", "completion",
	} {
		if !regexp.MustCompile(`(?m)^  ` + name + ` +\S`).MatchString(r.out) {
			t.Errorf("no command %s:\n%s", name, r.out)
		}
		help := run(name, "--help")
		help.check(t, statusOK, "Usage:\n  scaler-native "+name, "")
		for _, line := range strings.Split(help.out, "\n") {
			if len(line) > 117 && name != "completion" {
				t.Errorf("%s: %s", name, line)
			}
		}
	}
}

func TestNoManager(t *testing.T) {
	managers(t, 0)
	for _, arguments := range [][]string{{"status"}, {"stop"}, {"logs", "21"}, {"restart", "21"}, {"status", "--json"}} {
		run(arguments...).check(t, statusNotFound, "", "error: found no manager of this user")
	}
	run("status", "--socket", "/nonexistent/x.sock").check(t,
		statusNotFound, "", "error: no manager listens at /nonexistent/x.sock")
	t.Setenv(socketVariable, "/nonexistent/y.sock")
	run("stop").check(t, statusNotFound, "", "error: no manager listens at /nonexistent/y.sock")
}

func TestWhichManager(t *testing.T) {
	list := managers(t, 2)
	hint := regexp.QuoteMeta("managers: NAT|node-11|0a1b2c3d (pid 11), NAT|node-12|0a1b2c3d (pid 12)")
	run("resume").check(t, statusUsage, "", "2 managers run on this host.*"+hint)
	run("resume", "13").check(t, statusNotFound, "", `no manager "13"; `+hint)
	run("stop", "1").check(t, statusNotFound, "", `no manager "1"; `+hint)
	run("restart", "0000002").check(t, statusNotFound, "", `no worker "0000002"; `+hint)
	run("resume", "node").check(t, statusUsage, "", `"node" matches 2 managers; `+hint)
	for _, arguments := range [][]string{
		{"resume", "12"}, {"resume", "node-12"}, {"resume", "NAT|node-12|0a1b2c3d"}, {"resume", "-m", "12"},
		{"resize", "3", "--manager", "e-12"},
	} {
		run(arguments...).check(t, statusOK,
			`^NAT\|node-12\|0a1b2c3d \(pid 12\): serving, 2 workers registered of 3 desired, 1 busy\n$`, "")
	}
	for _, asked := range list[0].Requests() {
		if strings.HasPrefix(asked, "POST") {
			t.Errorf("the other manager got %s", asked)
		}
	}
	elsewhere := &fake.Manager{State: fake.State(77)}
	path := filepath.Join(filepath.Dir(t.TempDir()), "m")
	elsewhere.Serve(t, path)
	run("resume", "--socket", path).check(t, statusOK, "pid 77", "")
	t.Setenv(socketVariable, path)
	run("resume").check(t, statusOK, "pid 77", "")
	run("resume", "--socket", path, "11").check(t, statusNotFound, "", `no manager "11"; managers: NAT\|node-77`)
}

func TestManagerThatDoesNotAnswer(t *testing.T) {
	list := managers(t, 2)
	list[1].Set(func(m *fake.Manager) { m.Hold = true })
	short := "--timeout=0.3"
	run("stop", "12", short).check(t, statusTimeout, "", "error: the manager at .*12.sock did not answer within 300ms")
	run("stop", "11", short).check(t, statusOK, "pid 11", "")
	run("stop", "node-12", short).check(t, statusTimeout, "",
		`found no manager "node-12", but not all .*no answer \(pid 12\)`)
	run("status", short).check(t, statusTimeout, `NAT\|node-11.*\? +12  no answer`, "did not answer within 300ms")
	run("status", short, "--json").check(t, statusTimeout, `^{"version":1[^\n]*\n$`, "did not answer within 300ms")
	run("logs", "99", short).check(t, statusTimeout, "", `found no worker "99", but not all`)
}

func TestRefusal(t *testing.T) {
	list := managers(t, 1)
	list[0].Set(func(m *fake.Manager) { m.Refuse = 409 })
	for _, arguments := range [][]string{
		{"drain", "--wait"}, {"resume"}, {"resize", "2"}, {"restart", "--all", "--wait"}, {"stop", "--wait"},
	} {
		run(arguments...).check(t, statusFailed, "", "error: not in this mode\n")
	}
}

func TestVersion(t *testing.T) {
	run("version").check(t, statusOK, `^scaler-native \S+ \(\w+/\w+, go\S+\)\n$`, "")
	var told struct{ Version string }
	if err := json.Unmarshal([]byte(run("version", "--json").out), &told); err != nil || told.Version == "" {
		t.Errorf("got %+v, %v", told, err)
	}
}

// A full disk must not look like success.
func TestOutputThatCannotBeWritten(t *testing.T) {
	managers(t, 1)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	var errors bytes.Buffer
	status := Run(context.Background(), []string{"status"}, full, &errors)
	if status != statusFailed || !strings.Contains(errors.String(), "cannot write") {
		t.Errorf("status %d, %s", status, errors.String())
	}
}

func TestCompletion(t *testing.T) {
	managers(t, 2)
	for _, test := range []struct {
		arguments []string
		want      []string
	}{
		{[]string{"stop", ""}, []string{"11\tNAT|node-11|0a1b2c3d, serving", "12\tNAT|node-12|0a1b2c3d, serving"}},
		{[]string{"stop", "NAT|node-12"}, []string{"NAT|node-12|0a1b2c3d\tpid 12, serving"}},
		{[]string{"stop", "11", ""}, nil},
		{[]string{"logs", "21", "--manager", "1"}, []string{
			"11\tNAT|node-11|0a1b2c3d, serving", "12\tNAT|node-12|0a1b2c3d, serving",
		}},
		{[]string{"logs", "2"}, []string{"21\t0000001a, busy with simulate", "22\t0000001a, busy with simulate"}},
		{[]string{"logs", "-m", "12", "0"}, []string{"0000001a\tpid 22, busy with simulate", "0000002a\tpid 32, idle"}},
		{[]string{"logs", "21", ""}, nil},
		{[]string{"restart", "21", "31"}, []string{"31\t0000002a, idle"}},
	} {
		r := run(append([]string{"__complete"}, test.arguments...)...)
		lines := strings.Split(strings.TrimSpace(r.out), "\n")
		got, directive := lines[:len(lines)-1], lines[len(lines)-1]
		if r.status != statusOK || !slices.Equal(got, test.want) || directive != ":4" {
			t.Errorf("%q: got %q", test.arguments, lines)
		}
	}
}

// The script works without the package bash-completion.
func TestCompletionInBash(t *testing.T) {
	managers(t, 0)
	// The program runs in another process, which would find the managers of this host.
	socket := filepath.Join(fake.Directory(t), "11.sock")
	(&fake.Manager{State: fake.State(11)}).Serve(t, socket)
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	directory := t.TempDir()
	if err := os.Symlink(os.Args[0], filepath.Join(directory, Name)); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(bash, "--norc", "--noprofile", "-c", `source <(scaler-native completion bash)
		compopt() { :; } # a builtin that fails outside of completion
		for COMP_LINE in "scaler-native res" "scaler-native logs 3" "scaler-native status -m "; do
			COMP_WORDS=($COMP_LINE)
			[[ $COMP_LINE == *" " ]] && COMP_WORDS+=("")
			COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMP_POINT=${#COMP_LINE} COMP_TYPE=9 COMPREPLY=()
			__start_scaler-native
			printf '%s;' "${COMPREPLY[@]}"
			echo
		done`)
	command.Env = append(os.Environ(),
		beVariable+"=1", socketVariable+"="+socket, "PATH="+directory+":"+os.Getenv("PATH"))
	output, err := command.CombinedOutput()
	if err != nil || string(output) != "resize;restart;resume;\n31;\n11;\n" {
		t.Errorf("%v, %s", err, output)
	}
}
