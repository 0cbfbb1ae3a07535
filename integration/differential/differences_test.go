package differential

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	differencesFile = "differences.json"
	documentFile    = "../../docs/differences.md"
)

var update = flag.Bool("update", false, "write "+documentFile+" anew")

// difference is a deliberate deviation from Scaler.
type difference struct {
	ID       string
	Releases []string
	// Effects are "accepts" (we do, Scaler does not), "rejects", "status" (of a rejection) and "value".
	Effects []string
	// Key limits "value" to one key.
	Key      string
	Upstream string
	Ours     string
	Reason   string
}

func (d difference) explains(m mismatch, release string) bool {
	return slices.Contains(d.Releases, release) && slices.Contains(d.Effects, m.effect) &&
		(m.effect != "value" || d.Key == "" || d.Key == m.key)
}

func loadDifferences(t *testing.T) []difference {
	t.Helper()
	text, err := os.ReadFile(differencesFile)
	if err != nil {
		t.Fatal(err)
	}
	var list []difference
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestDocument keeps docs/differences.md and the table together; run it with -update after a change of the table.
func TestDocument(t *testing.T) {
	var out strings.Builder
	out.WriteString("# Differences from Scaler's own worker manager\n\n" +
		"`scaler_worker_manager baremetal_native` reads the command lines and the files of every Scaler from 1.26 on, and\n" +
		"gives them the meaning that they have there. This table holds what differs on purpose. It is made from\n" +
		"`integration/differential/differences.json`; the test beside that file compares this program with the parsers of\n" +
		"real releases and fails for a difference that is not here, and for one here that is gone.\n\n" +
		"| Releases | Scaler | Here | Why |\n| --- | --- | --- | --- |\n")
	cell := strings.NewReplacer("|", `\|`)
	for _, d := range loadDifferences(t) {
		fmt.Fprintf(&out, "| %s | %s | %s | %s |\n", strings.Join(d.Releases, ", "), cell.Replace(d.Upstream), cell.Replace(d.Ours), cell.Replace(d.Reason))
	}
	if *update {
		if err := os.WriteFile(documentFile, []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	present, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(present) != out.String() {
		t.Errorf("%s does not match %s: run go test -run TestDocument -update", documentFile, differencesFile)
	}
}
