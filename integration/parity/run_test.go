package parity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// patience bounds a run of all cases under one manager. It takes a minute on two cores.
const patience = 5 * time.Minute

// outcomes are what run.py found, by case and key.
type outcomes map[string]map[string]any

// runCases runs all cases under a manager.
func runCases(release, kind, program string) (outcomes, error) {
	python, err := filepath.Abs(filepath.Join("../../.venvs", release, "bin/python"))
	if err != nil {
		return nil, err
	}
	command := exec.Command(python, "run.py", release, program, fmt.Sprintf("parity-%s-%d", kind, os.Getpid()))
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
	late := time.AfterFunc(patience, func() { guard.Close() })
	defer late.Stop()
	if err := command.Wait(); err != nil {
		return nil, fmt.Errorf("run.py under %s, Scaler %s: %w\n%s", program, release, err, complaints.String())
	}
	var nested map[string]map[string]any
	if err := json.Unmarshal(answer.Bytes(), &nested); err != nil {
		return nil, fmt.Errorf("run.py answered %q: %w", answer.String(), err)
	}
	found := outcomes{}
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
