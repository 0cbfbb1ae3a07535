package workers

import (
	"encoding/json"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/compared"
	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Tasks find the same environment with the manager under test as with the release's own Python manager.
func TestSurroundings(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		look := func(name, program string) map[string]any {
			t.Helper()
			s := cluster.Fixed("2")
			s.Program = program
			m := c.StartManager(t, name, s)
			c.Monitor.WaitWorkers(t, name+"'s workers", 2)
			var answers []map[string]any
			c.Ask(t, &answers, "surroundings.py", "6")
			m.End(t, syscall.SIGTERM)
			c.Monitor.WaitWorkers(t, "no worker", 0)
			return common(t, name, answers)
		}
		theirs := look("upstream", r.Program("scaler_worker_manager"))
		ours := look("tested", "")
		for _, difference := range differences(theirs, ours) {
			t.Errorf("tasks find %s", difference)
		}
	})
}

// common returns what all tasks of a manager found. It must be the same for all but random numbers: forked processors
// must not share the state of the generator.
func common(t *testing.T, name string, answers []map[string]any) map[string]any {
	t.Helper()
	drawn := map[any]bool{}
	for _, answer := range answers {
		drawn[answer["random"]] = true
		delete(answer, "random")
		for _, difference := range differences(answers[0], answer) {
			t.Errorf("processors of %s differ: %s", name, difference)
		}
	}
	if len(drawn) != len(answers) {
		t.Errorf("%d tasks of %s drew %d different random numbers", len(answers), name, len(drawn))
	}
	return answers[0]
}

// differences compares two answers, without what the test sets for each manager: role, folder, id and program.
func differences(one, other map[string]any) []string {
	var list []string
	compare := func(what string, one, other any) {
		a, _ := json.Marshal(one)
		b, _ := json.Marshal(other)
		if string(a) != string(b) {
			list = append(list, what+": "+string(a)+" and "+string(b))
		}
	}
	for _, name := range compared.Keys(one, other) {
		switch name {
		case "environment":
			a, b := one[name].(map[string]any), other[name].(map[string]any)
			for _, variable := range compared.Keys(a, b) {
				if variable != cluster.RoleVariable && variable != "TMPDIR" {
					compare("variable "+variable, a[variable], b[variable])
				}
			}
		case "argv":
			compare(name, arguments(one[name]), arguments(other[name]))
		default:
			compare(name, one[name], other[name])
		}
	}
	return list
}

// arguments returns a command line with the program's name in place of its path, without the worker manager id.
func arguments(argv any) []string {
	var list []string
	for i, argument := range argv.([]any) {
		text, _ := argument.(string)
		if i == 0 {
			text = filepath.Base(text)
		}
		if i > 0 && argv.([]any)[i-1] == "--worker-manager-id" {
			text = "ID"
		}
		list = append(list, text)
	}
	return list
}
