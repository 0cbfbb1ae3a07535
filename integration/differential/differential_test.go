package differential

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// releases are those whose options or addresses differ from the ones before.
var releases = []string{"1.26.6", "2.0.20", "2.6.0", "2.9.0"}

// outcome is the result of parsing a command line.
type outcome struct {
	Status  int            `json:"status"`
	Message string         `json:"message"`
	Values  map[string]any `json:"values"`
}

// mismatch is one way in which two outcomes differ.
type mismatch struct {
	effect, key string
	detail      string
}

func TestAgainstReleases(t *testing.T) {
	cases := generate(t)
	if len(cases) < 200 {
		t.Fatalf("%d cases are too few", len(cases))
	}
	differences := loadDifferences(t)
	ours := runOurs(t, cases)
	shown := map[string]bool{}   // difference and release
	shownBy := map[string]bool{} // difference and case
	theirs := runReleases(t, cases)
	for i, release := range releases {
		for _, c := range cases {
			for _, m := range compare(theirs[i][c.Name], ours[c.Name]) {
				explained := false
				for _, d := range differences {
					if slices.Contains(c.differences, d.ID) && d.explains(m, release) {
						explained = true
						shown[d.ID+" "+release], shownBy[d.ID+" "+c.Name] = true, true
					}
				}
				if !explained {
					t.Errorf("%s: %s: %s", release, c.title, m.detail)
				}
			}
		}
	}
	for _, c := range cases {
		for _, id := range c.differences {
			if !shownBy[id+" "+c.Name] {
				t.Errorf("%s: the difference %s does not show", c.title, id)
			}
		}
	}
	for _, d := range differences {
		for _, release := range d.Releases {
			if !shown[d.ID+" "+release] {
				t.Errorf("the difference %s does not show in %s", d.ID, release)
			}
		}
	}
	t.Logf("%d cases, %d releases", len(cases), len(releases))
}

// compare lists the differences; values are compared for the keys that the release has.
func compare(theirs, ours outcome) []mismatch {
	theyAccept, weAccept := theirs.Status == 0, ours.Status == 0
	switch {
	case !theyAccept && weAccept:
		return []mismatch{{effect: "accepts", detail: fmt.Sprintf("we accept, Scaler ends with %d: %s", theirs.Status,
			theirs.Message)}}
	case theyAccept && !weAccept:
		return []mismatch{{effect: "rejects", detail: fmt.Sprintf("Scaler accepts, we end with %d: %s", ours.Status,
			ours.Message)}}
	case theirs.Status != ours.Status:
		return []mismatch{{effect: "status", detail: fmt.Sprintf("Scaler ends with %d: %s; we with %d: %s", theirs.Status,
			theirs.Message, ours.Status, ours.Message)}}
	case (theirs.Values == nil) != (ours.Values == nil):
		return []mismatch{{effect: "accepts", detail: "one prints help, the other goes on"}}
	}
	var found []mismatch
	for key, want := range theirs.Values {
		if got, ok := ours.Values[key]; !ok || !reflect.DeepEqual(got, want) {
			found = append(found, mismatch{"value", key, fmt.Sprintf("%s is %v in Scaler, %v here", key, want, got)})
		}
	}
	return found
}

// runReleases runs the parsers of all releases at the same time.
func runReleases(t *testing.T, cases []testCase) []map[string]outcome {
	t.Helper()
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	outcomes := make([]map[string]outcome, len(releases))
	failures := make([]error, len(releases))
	var running sync.WaitGroup
	for i, release := range releases {
		cluster.NeedRelease(t, cluster.Release(release))
		running.Add(1)
		go func() {
			defer running.Done()
			outcomes[i], failures[i] = runRelease(release, input)
		}()
	}
	running.Wait()
	for i, release := range releases {
		if failures[i] != nil || len(outcomes[i]) != len(cases) {
			t.Fatalf("Scaler %s: %d outcomes for %d cases: %v", release, len(outcomes[i]), len(cases), failures[i])
		}
	}
	return outcomes
}

// runRelease runs the parser of a release, in one process for all cases.
func runRelease(release string, input []byte) (map[string]outcome, error) {
	command := exec.Command(cluster.Release(release).Python(), "driver.py")
	command.Stdin = bytes.NewReader(input)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("driver.py: %w", err)
	}
	var outcomes map[string]outcome
	err = json.Unmarshal(output, &outcomes)
	return outcomes, err
}

// runOurs runs the binary with --dry-run for each case.
func runOurs(t *testing.T, cases []testCase) map[string]outcome {
	t.Helper()
	binary := cluster.ManagerProgram(t, cluster.Release(releases[0]))
	outcomes := make(map[string]outcome, len(cases))
	for _, c := range cases {
		// It comes first, so that it is before any "--".
		command := exec.Command(binary, append([]string{"--dry-run"}, c.Arguments...)...)
		command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SCALER_") })
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		var result outcome
		err := command.Run()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			result.Status = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		result.Message = lines[len(lines)-1]
		if result.Status == 0 && strings.HasPrefix(stdout.String(), "{") {
			if err := json.Unmarshal(stdout.Bytes(), &result.Values); err != nil {
				t.Fatalf("%s: %v", c.title, err)
			}
		}
		outcomes[c.Name] = result
	}
	return outcomes
}
