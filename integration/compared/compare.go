// Package compared runs the same cases under Scaler's own worker manager and under this one, and compares the outcomes.
// A table lists the intended differences. A test fails if it finds another one, or if one of the table no longer
// exists.
package compared

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"testing"
)

// newest is the release that make test compares with.
const newest = "2.9.0"

// Releases are those of SCALER_RELEASES, else the newest.
func Releases() []string {
	if wanted := strings.Fields(os.Getenv("SCALER_RELEASES")); len(wanted) > 0 {
		return wanted
	}
	return []string{newest}
}

// Outcomes are what was found, by case and key.
type Outcomes map[string]map[string]any

// A mismatch is a value that differs between the two managers.
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

// check fails the test for a difference that is not in the table, and for an entry of the table that does not show.
func check(t *testing.T, release string, table []Difference, upstream, ours Outcomes) {
	t.Helper()
	found := compare(upstream, ours)
	shown := map[*Showing]bool{}
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
			t.Errorf("not in %s: %s", TableFile, m)
		}
	}
	for i, d := range table {
		for j, s := range d.Shows {
			if !d.Sometimes && d.in(s, release) && !shown[&table[i].Shows[j]] {
				t.Errorf("the difference %s no longer shows in %s: %s", d.ID, s.Case, s.Key)
			}
		}
	}
	t.Logf("%d cases, %d values that differ", len(upstream), len(found))
}

// compare lists the values that differ. A missing value is null.
func compare(upstream, ours Outcomes) []mismatch {
	var found []mismatch
	for _, name := range Keys(upstream, ours) {
		for _, key := range Keys(upstream[name], ours[name]) {
			if one, other := upstream[name][key], ours[name][key]; !reflect.DeepEqual(one, other) {
				found = append(found, mismatch{name, key, one, other})
			}
		}
	}
	return found
}

// Keys returns the keys of both maps, sorted.
func Keys[V any](one, other map[string]V) []string {
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
