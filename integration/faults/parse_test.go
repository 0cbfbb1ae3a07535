package faults

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

var update = flag.Bool("update", false, "write docs/faults.md again from its own rows, after a change of its text")

// The page is what the recorded rows come to, so that its summary and its text are never older than the code.
func TestPageOfFaults(t *testing.T) {
	path := cluster.Repository("docs", "faults.md")
	present, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table, err := parsePage(string(present))
	if err != nil {
		t.Fatal(err)
	}
	if len(table.order) < 100 {
		t.Fatalf("%s has only %d cases", path, len(table.order))
	}
	if *update {
		table.write(t, path)
	} else if table.page() != string(present) {
		t.Errorf("%s does not match its rows: run go test -run TestPageOfFaults ./faults -update", path)
	}
}

// parsePage reads the rows of a page back.
func parsePage(text string) (*faultTable, error) {
	table := &faultTable{cells: map[faultCase]*faultRow{}}
	var release cluster.Release
	for _, line := range strings.Split(text, "\n") {
		if name, ok := strings.CutPrefix(line, "## Scaler "); ok {
			release = cluster.Release(name)
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if release == "" || len(cells) != 4 || cells[0] == "Fault" || cells[0] == "---" {
			continue
		}
		c := faultCase{cells[0], cells[1], release}
		table.order = append(table.order, c)
		for i, text := range cells[2:] {
			if text == "-" {
				continue
			}
			o, err := parseOutcome(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", line, err)
			}
			table.set(c, i == 0, o)
		}
	}
	return table, nil
}

// parseOutcome is the inverse of outcome.String, less what that rounds.
func parseOutcome(text string) (o outcome, err error) {
	text, o.spoilt = strings.CutPrefix(text, schedulerFailed)
	for _, part := range strings.Split(text, ", ") {
		name, value, _ := strings.Cut(strings.Replace(part, "ends in", "ends-in", 1), " ")
		switch {
		case part == "not back":
			o.waited, o.back = true, -1
		case part == "client stands still":
			o.lost = -1
		case part == "does not end":
			o.stop = -1
		case name == "back":
			o.waited = true
			o.back, err = parseSeconds(value)
		case name == "rerun":
			o.rerun, err = parseSeconds(value)
		case name == "ends-in":
			o.stop, err = parseSeconds(value)
		case name == "lost":
			o.lost, err = strconv.Atoi(value)
		case name == "twice":
			o.twice, err = strconv.Atoi(value)
		case name == "left":
			o.left, err = strconv.Atoi(value)
		default:
			err = fmt.Errorf("cannot read %q", part)
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

func parseSeconds(text string) (time.Duration, error) {
	return time.ParseDuration(strings.ReplaceAll(text, " ", ""))
}

func TestTotal(t *testing.T) {
	table := &faultTable{cells: map[faultCase]*faultRow{}}
	add := func(fault string, ours, theirs outcome) {
		c := faultCase{fault, modeDynamic, "2.3.3"}
		table.order = append(table.order, c)
		table.set(c, true, ours)
		table.set(c, false, theirs)
	}
	add("processor SIGKILL", outcome{waited: true, back: time.Second, lost: 1},
		outcome{waited: true, back: -1, lost: 3, left: 2})
	add("worker SIGKILL", outcome{waited: true, back: 2 * time.Second, stop: time.Second}, outcome{lost: -1, stop: -1})
	// Spoilt for both, though one of them did well.
	add("worker SIGSEGV", outcome{waited: true, back: 9 * time.Second, lost: 5, left: 1},
		outcome{spoilt: true, lost: 45, twice: 1})
	want := map[bool]total{
		true:  {cases: 3, spoilt: 1, waited: 2, back: 2, worst: 2 * time.Second, byRule: 1, left: 1},
		false: {cases: 3, spoilt: 1, waited: 1, byRule: 1, lost: 2, still: 1, left: 2, endless: 1},
	}
	for ours, sum := range want {
		if got := table.total("2.3.3", ours); got != sum {
			t.Errorf("%s: %+v, want %+v", managerName(ours), got, sum)
		}
	}
	text := summaryRow("2.3.3", false, table.total("2.3.3", false))
	const row = "| 2.3.3 | Scaler's own | 3 | 1 | 0 of 1, within 0.0 s | " +
		"1 | 2; clients that wait for ever: 1 | 0 | 2 | 1 |\n"
	if text != row {
		t.Errorf("the summary has %q, want %q", text, row)
	}
}

// What a row says can be read back.
func TestOutcomeIsReadBack(t *testing.T) {
	for _, o := range []outcome{
		{waited: true, back: 1200 * time.Millisecond, rerun: 300 * time.Millisecond, lost: 45, twice: 1, left: 7, stop: -1},
		{waited: true, back: -1, lost: -1, stop: 3 * time.Second, spoilt: true},
		{},
	} {
		if got, err := parseOutcome(cell(&o)); err != nil || got != o {
			t.Errorf("%s was read as %+v (%v)", cell(&o), got, err)
		}
	}
}
