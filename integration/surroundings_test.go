package integration

import (
	"encoding/json"
	"path/filepath"
	"sort"
	"syscall"
	"testing"
)

// What tasks find around them, with the manager under test and with the release's own Python manager: the same.
func TestSurroundings(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		look := func(name, program string) map[string]any {
			t.Helper()
			s := fixed("2")
			s.program = program
			m := c.startManager(t, name, s)
			c.monitor.waitWorkers(t, name+"'s workers", 2)
			var answers []map[string]any
			c.ask(t, &answers, "surroundings.py", "6")
			m.end(t, syscall.SIGTERM)
			c.monitor.waitWorkers(t, "no worker", 0)
			return common(t, name, answers)
		}
		theirs := look("upstream", r.program("scaler_worker_manager"))
		ours := look("tested", "")
		for _, difference := range differences(theirs, ours) {
			t.Errorf("tasks find %s", difference)
		}
	})
}

// common returns what all tasks of a manager found alike, which is everything but random: processors that were forked
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

// differences compares two answers but for what the test itself sets for each manager: its role, its folder and its id,
// and where its program lies.
func differences(one, other map[string]any) []string {
	var list []string
	compare := func(what string, one, other any) {
		a, _ := json.Marshal(one)
		b, _ := json.Marshal(other)
		if string(a) != string(b) {
			list = append(list, what+": "+string(a)+" and "+string(b))
		}
	}
	for _, name := range keys(one, other) {
		switch name {
		case "environment":
			a, b := one[name].(map[string]any), other[name].(map[string]any)
			for _, variable := range keys(a, b) {
				if variable != roleVariable && variable != "TMPDIR" {
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

func keys(one, other map[string]any) []string {
	var list []string
	for key := range one {
		list = append(list, key)
	}
	for key := range other {
		if _, both := one[key]; !both {
			list = append(list, key)
		}
	}
	sort.Strings(list)
	return list
}

// arguments returns a command line with the program's name for its path, and without the worker manager id.
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
