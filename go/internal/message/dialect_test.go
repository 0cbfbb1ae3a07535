package message

import (
	"errors"
	"math"
	"testing"
)

func TestDialectOf(t *testing.T) {
	cases := map[string]Dialect{
		"1.26.0": Imperative, "1.26.6": Imperative, "1.27.2": Imperative, "2.0.0": Imperative, "2.0.20": Imperative,
		"2.1.2": Hybrid, "2.1.10": Hybrid, "2.3.0": Hybrid, "2.3.3": Hybrid,
		"2.3.5": Declarative, "2.3.10": Declarative, "2.6.0": Declarative,
		"2.7.0": Declarative2, "2.7": Declarative2, "2.9.0": Declarative2, "2.10.1": Declarative2, "3.0.0": Declarative2,
		"3": Declarative2, "2.7.0rc1": Declarative2, "2.9.0.post1": Declarative2, "2.6.0+local.7": Declarative,
		" 2.3.3\n": Hybrid, "2.7.dev3": Declarative2,
	}
	for version, want := range cases {
		if got, err := DialectOf(version); err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", version, got, err, want)
		}
	}
	for _, version := range []string{"", "1.25.9", "0.1", "latest", "-1.0", ".2", "99999999999999999999.0"} {
		if got, err := DialectOf(version); !errors.Is(err, ErrVersion) {
			t.Errorf("%q: got %v, %v", version, got, err)
		}
	}
}

// The rows of table and starts agree.
func TestDialectTable(t *testing.T) {
	if len(table) != len(Dialects)+1 || len(firstReleases) != len(Dialects) {
		t.Fatalf("%d dialects, %d rows, %d starts", len(Dialects), len(table)-1, len(firstReleases))
	}
	for i, dialect := range Dialects {
		if int(dialect) != i+1 || dialect.String() == "" || dialect.Generation() == 0 {
			t.Errorf("dialect %d: %v, %v", i+1, dialect, dialect.Generation())
		}
		for _, release := range []string{table[dialect].first, table[dialect].last} {
			if release == "" {
				continue
			}
			if got, err := DialectOf(release); err != nil || got != dialect {
				t.Errorf("%s: got %v, %v, want %v", release, got, err, dialect)
			}
		}
	}
}

func TestKnown(t *testing.T) {
	for version, want := range map[string]bool{
		"1.26.0": true, "2.6.0": true, "2.9.0": true, "2.9.7": true,
		"": false, "no": false, "1.25.9": false, "2.10.0": false, "3.0.0": false,
	} {
		if got := Known(version); got != want {
			t.Errorf("%q: %v", version, got)
		}
	}
}

func TestDesired(t *testing.T) {
	own := []Capability{{"linux", -1}, {"gpu", 2}}
	cases := []struct {
		name     string
		requests []Request
		want     int
	}{
		{"none", nil, 0},
		{"for all", []Request{{3, nil}, {4, []Capability{}}}, 7},
		{"for these", []Request{{3, []Capability{{"gpu", 2}}}, {4, own}}, 7},
		{"another value", []Request{{3, []Capability{{"gpu", 1}}}}, 0},
		{"another name", []Request{{3, []Capability{{"tpu", 2}}}}, 0},
		{"one too many", []Request{{3, append([]Capability{{"ssd", -1}}, own...)}}, 0},
		{"the last value of a name", []Request{
			{3, []Capability{{"gpu", 1}, {"gpu", 2}}}, {4, []Capability{{"gpu", 2}, {"gpu", 1}}},
		}, 3},
		{"the largest", []Request{{math.MaxUint32, nil}, {math.MaxUint32, nil}}, min(2*math.MaxUint32, math.MaxInt)},
	}
	for _, test := range cases {
		if got := Desired(test.requests, own); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}
