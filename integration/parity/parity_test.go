package parity

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"sync"
	"testing"
)

// newest is the release that make test compares with; make parity does it with all.
const newest = "2.9.0"

// leastCases says that the cases were run, and not lost on the way.
const leastCases = 100

// A mismatch is a value that the two managers have not in common.
type mismatch struct {
	name, key      string
	upstream, ours any
}

func (m mismatch) String() string {
	return fmt.Sprintf("%s: %s: %s under Scaler's manager, %s under ours", m.name, m.key, text(m.upstream), text(m.ours))
}

func text(value any) string {
	encoded, _ := json.Marshal(value)
	return string(encoded)
}

func TestParity(t *testing.T) {
	releases := strings.Fields(os.Getenv("SCALER_RELEASES"))
	if len(releases) == 0 {
		releases = []string{newest}
	}
	table := loadTable(t)
	for _, release := range releases {
		t.Run(release, func(t *testing.T) { compareManagers(t, release, table) })
	}
}

func compareManagers(t *testing.T, release string, table []difference) {
	upstream, ours := runBoth(t, release)
	if len(upstream) < leastCases {
		t.Fatalf("%d cases are too few", len(upstream))
	}
	found := compare(upstream, ours)
	shown := map[*showing]bool{}
	for _, m := range found {
		explained := false
		for i := range table {
			for j := range table[i].Shows {
				s := &table[i].Shows[j]
				if table[i].in(*s, release) && s.matches(m) {
					explained, shown[s] = true, true
				}
			}
		}
		if !explained {
			t.Errorf("not in %s: %s", tableFile, m)
		}
	}
	for i, d := range table {
		for j, s := range d.Shows {
			if d.in(s, release) && !shown[&table[i].Shows[j]] {
				t.Errorf("the difference %s does not show any more in %s: %s", d.ID, s.Case, s.Key)
			}
		}
	}
	t.Logf("%d cases, %d values that differ", len(upstream), len(found))
}

// runBoth runs the cases under both managers at the same time.
func runBoth(t *testing.T, release string) (upstream, ours outcomes) {
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
		upstream, failures[0] = runCases(release, "upstream", theirProgram)
	}()
	go func() {
		defer running.Done()
		ours, failures[1] = runCases(release, "ours", ourOwn)
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

// compare lists the values that differ. One that is absent is null.
func compare(upstream, ours outcomes) []mismatch {
	var found []mismatch
	for _, name := range keys(upstream, ours) {
		for _, key := range keys(upstream[name], ours[name]) {
			if one, other := upstream[name][key], ours[name][key]; !reflect.DeepEqual(one, other) {
				found = append(found, mismatch{name, key, one, other})
			}
		}
	}
	return found
}

func keys[V any](one, other map[string]V) []string {
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
