package compared

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A Run runs all cases of a package under one manager, with its program programs/run.py RELEASE PROGRAM MARK [OPTION
// ...].
type Run struct {
	Name     string        // part of the mark
	Patience time.Duration // bounds a run
	Options  []string      // of our manager, as the last arguments
}

// Test compares the outcomes, with the releases that Releases returns. It fails if fewer cases than least were run.
func (r Run) Test(t *testing.T, least int) {
	table := Load(t, TableFile)
	for _, release := range Releases() {
		t.Run(release, func(t *testing.T) {
			upstream, ours := r.both(t, release)
			if len(upstream) < least {
				t.Fatalf("only %d cases were run", len(upstream))
			}
			check(t, release, table, upstream, ours)
		})
	}
}

// both runs the cases under both managers at the same time.
func (r Run) both(t *testing.T, release string) (upstream, ours Outcomes) {
	t.Helper()
	scaler := cluster.Release(release)
	cluster.NeedRelease(t, scaler)
	ourProgram := cluster.ManagerProgram(t, scaler)
	var failures [2]error
	var running sync.WaitGroup
	running.Add(2)
	go func() {
		defer running.Done()
		upstream, failures[0] = r.run(scaler, "upstream", scaler.Program("scaler_worker_manager"))
	}()
	go func() {
		defer running.Done()
		ours, failures[1] = r.run(scaler, "ours", ourProgram, r.Options...)
	}()
	running.Wait()
	for _, err := range failures {
		if err != nil {
			t.Error(err)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return upstream, ours
}

func (r Run) run(release cluster.Release, kind, program string, options ...string) (Outcomes, error) {
	mark := fmt.Sprintf("%s-%s-%d", r.Name, kind, os.Getpid())
	command := exec.Command(release.Python(), append([]string{"run.py", string(release), program, mark}, options...)...)
	command.Dir = "programs"
	var answer, complaints bytes.Buffer
	command.Stdout, command.Stderr = &answer, &complaints
	// run.py kills what it started when this pipe closes, which it also does when this process ends.
	guard, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	late := time.AfterFunc(r.Patience, func() { guard.Close() })
	defer late.Stop()
	if err := command.Wait(); err != nil {
		return nil, fmt.Errorf("run.py under %s, Scaler %s: %w\n%s", program, release, err, complaints.String())
	}
	var nested map[string]map[string]any
	if err := json.Unmarshal(answer.Bytes(), &nested); err != nil {
		return nil, fmt.Errorf("run.py answered %q: %w", answer.String(), err)
	}
	found := Outcomes{}
	for name, outcome := range nested {
		found[name] = map[string]any{}
		flatten(found[name], "", outcome)
	}
	return found, nil
}

// flatten joins the keys of nested objects with slashes.
func flatten(into map[string]any, prefix string, object map[string]any) {
	for key, value := range object {
		if inner, nested := value.(map[string]any); nested {
			flatten(into, prefix+key+"/", inner)
		} else {
			into[prefix+key] = value
		}
	}
}
