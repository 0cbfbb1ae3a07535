package parity

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
)

const tableFile = "differences.json"

// anything in place of a value stands for every value.
const anything = "*"

// A difference is an entry of the table: one subject, and where it shows.
type difference struct {
	ID       string
	Releases []string // all when empty
	Shows    []showing
	Upstream string
	Ours     string
	Reason   string
	// Mending marks a fault that is known, not a difference on purpose.
	Mending bool
}

// A showing is one value of one case that differs. Keys of nested objects are joined by slashes.
type showing struct {
	Case     string
	Key      string
	Upstream any
	Ours     any
	Releases []string // those of the difference when empty
}

func (d difference) in(s showing, release string) bool {
	if len(s.Releases) > 0 {
		return slices.Contains(s.Releases, release)
	}
	return len(d.Releases) == 0 || slices.Contains(d.Releases, release)
}

func (s showing) matches(m mismatch) bool {
	same := func(wanted, found any) bool { return wanted == anything || reflect.DeepEqual(wanted, found) }
	return s.Case == m.name && s.Key == m.key && same(s.Upstream, m.upstream) && same(s.Ours, m.ours)
}

func loadTable(t *testing.T) []difference {
	t.Helper()
	text, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	var table []difference
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&table); err != nil {
		t.Fatalf("%s: %v", tableFile, err)
	}
	return table
}
