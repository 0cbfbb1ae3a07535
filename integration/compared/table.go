package compared

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"testing"
)

// TableFile is the name of the table of differences in the folder of a package.
const TableFile = "differences.json"

// anything matches every case or value.
const anything = "*"

// A Difference is an entry of a table: one subject, and where it shows.
type Difference struct {
	ID       string
	Releases []string // all when empty
	Shows    []Showing
	Upstream string
	Ours     string
	Reason   string
	// Mending marks a known fault, not an intended difference.
	Mending bool
	// Sometimes marks a difference that shows only by chance.
	Sometimes bool
}

// A Showing is one value of one case that differs. Keys of nested objects are joined by slashes.
type Showing struct {
	Case     string
	Key      string
	Upstream any
	Ours     any
	Releases []string // those of the difference when empty
}

func (d Difference) in(s Showing, release string) bool {
	if len(s.Releases) > 0 {
		return slices.Contains(s.Releases, release)
	}
	return len(d.Releases) == 0 || slices.Contains(d.Releases, release)
}

func (s Showing) matches(m mismatch) bool {
	same := func(wanted, found any) bool { return wanted == anything || reflect.DeepEqual(wanted, found) }
	return (s.Case == anything || s.Case == m.name) && s.Key == m.key && same(s.Upstream, m.upstream) &&
		same(s.Ours, m.ours)
}

// Load reads a table.
func Load(t *testing.T, path string) []Difference {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var table []Difference
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&table); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return table
}
