package commandline

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const units = "../../../examples"

// unit is the settings of a unit file of systemd, by name; of one that is set again the last.
type unit map[string]string

func readUnit(t *testing.T, path string) unit {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	found, before := unit{}, ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := before + strings.TrimSpace(lines.Text())
		if text, goesOn := strings.CutSuffix(line, `\`); goesOn {
			before = text
			continue
		}
		before = ""
		if name, value, is := strings.Cut(line, "="); is && !strings.HasPrefix(line, "#") {
			found[name] = value
		}
	}
	return found
}

// seconds is a time of the unit, which is written as a plain number there.
func (u unit) seconds(t *testing.T, name string) float64 {
	t.Helper()
	value, err := strconv.ParseFloat(u[name], 64)
	if err != nil {
		t.Fatalf("%s=%s: %v", name, u[name], err)
	}
	return value
}

func eachUnit(t *testing.T, check func(t *testing.T, path string)) {
	paths, err := filepath.Glob(filepath.Join(units, "*.service"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("there is no unit file in %s (%v)", units, err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) { check(t, path) })
	}
}

// The command is one that this program takes, and gets the time to end that it needs by its own options.
func TestUnitsCommand(t *testing.T) {
	eachUnit(t, func(t *testing.T, path string) {
		u := readUnit(t, path)
		words := strings.Fields(u["ExecStart"])
		outcome, err := Parse(words[1:], emptyEnvironment)
		if err != nil || outcome.Action != Run || len(outcome.Warnings) > 0 || filepath.Base(words[0]) != Program {
			t.Fatalf("%q: %v, %v", words, err, outcome.Warnings)
		}
		text, err := outcome.Config.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var values struct {
			Stop  float64 `json:"stop_timeout_seconds"`
			Drain float64 `json:"drain_on_terminate"`
		}
		if err := json.Unmarshal(text, &values); err != nil {
			t.Fatal(err)
		}
		// What was killed has some seconds to go.
		const more = 10
		if given := u.seconds(t, "TimeoutStopSec"); given < values.Drain+values.Stop+more {
			t.Errorf("TimeoutStopSec is %v, and the manager may take %v and %v", given, values.Drain, values.Stop)
		}
		for name, want := range map[string]string{"Type": "notify", "KillMode": "mixed", "Delegate": "yes"} {
			if u[name] != want {
				t.Errorf("%s is %q, want %q", name, u[name], want)
			}
		}
	})
}

// systemd finds nothing to complain about. It wants the programs to be there, so that others stand for them.
func TestUnitsAreVerified(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skipf("nothing here verifies a unit file: %v", err)
	}
	eachUnit(t, func(t *testing.T, path string) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		there := strings.ReplaceAll(string(text), "/opt/scaler/bin/scaler_worker_manager", "/bin/true")
		// What the environment has to do with it is nothing of the unit's: a machine may have no such target.
		copied := filepath.Join(t.TempDir(), filepath.Base(path))
		if err := os.WriteFile(copied, []byte(there), 0o600); err != nil {
			t.Fatal(err)
		}
		output, err := exec.Command(program, "verify", "--man=no", copied).CombinedOutput()
		if err != nil || strings.Contains(string(output), filepath.Base(path)) {
			t.Errorf("%v\n%s", err, output)
		}
		// It does find fault: an unknown setting is one.
		wrong := strings.Replace(there, "[Service]\n", "[Service]\nKillModus=mixed\n", 1)
		if err := os.WriteFile(copied, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		output, _ = exec.Command(program, "verify", "--man=no", copied).CombinedOutput()
		if !strings.Contains(string(output), "KillModus") {
			t.Errorf("an unknown setting is taken:\n%s", output)
		}
	})
}
