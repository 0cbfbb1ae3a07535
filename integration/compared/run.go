package compared

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// A Run has the program programs/run.py run all cases of a package under one manager: run.py RELEASE PROGRAM MARK [OPTION ...]
type Run struct {
	Name     string        // part of the mark
	Patience time.Duration // bounds a run
	Options  []string      // of our manager, as the last arguments
}

// Both runs the cases under both managers at the same time.
func (r Run) Both(t *testing.T, release string) (upstream, ours Outcomes) {
	t.Helper()
	theirProgram, err := filepath.Abs(filepath.Join("../../.venvs", release, "bin/scaler_worker_manager"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(theirProgram); err != nil {
		t.Fatalf("Scaler %s is not installed: %v", release, err)
	}
	ourOwn := ourProgram(t)
	var failures [2]error
	var running sync.WaitGroup
	running.Add(2)
	go func() {
		defer running.Done()
		upstream, failures[0] = r.run(release, "upstream", theirProgram)
	}()
	go func() {
		defer running.Done()
		ours, failures[1] = r.run(release, "ours", ourOwn, r.Options...)
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

func (r Run) run(release, kind, program string, options ...string) (Outcomes, error) {
	python, err := filepath.Abs(filepath.Join("../../.venvs", release, "bin/python"))
	if err != nil {
		return nil, err
	}
	mark := fmt.Sprintf("%s-%s-%d", r.Name, kind, os.Getpid())
	command := exec.Command(python, append([]string{"run.py", release, program, mark}, options...)...)
	command.Dir = "programs"
	var answer, complaints bytes.Buffer
	command.Stdout, command.Stderr = &answer, &complaints
	// run.py kills what it started when this pipe is closed, also by the end of this process.
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

// flatten joins the keys of nested objects by slashes.
func flatten(into map[string]any, prefix string, object map[string]any) {
	for key, value := range object {
		if inner, nested := value.(map[string]any); nested {
			flatten(into, prefix+key+"/", inner)
		} else {
			into[prefix+key] = value
		}
	}
}

// ourProgram is the worker manager under test.
func ourProgram(t *testing.T) string {
	t.Helper()
	program := os.Getenv("SCALER_WORKER_MANAGER")
	if program == "" {
		program = "../../bin/scaler_worker_manager"
	}
	path, err := filepath.Abs(program)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("no worker manager to test, make build makes one: %v", err)
	}
	return path
}
