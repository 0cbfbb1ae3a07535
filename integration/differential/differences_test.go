package differential

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/scaler-native/scaler-native/integration/compared"
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

// TestDocument keeps docs/differences.md and the tables together; run it with -update after a change of a table.
func TestDocument(t *testing.T) {
	document := writeDocument(loadDifferences(t), compared.Load(t, tasksFile), compared.Load(t, agentsFile))
	if *update {
		if err := os.WriteFile(documentFile, []byte(document), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	present, err := os.ReadFile(documentFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(present) != document {
		t.Errorf("%s does not match the tables: run go test -run TestDocument -update", documentFile)
	}
}
