package reference

import (
	"flag"
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/config"
)

const document = "../../../docs/reference.md"

var update = flag.Bool("update", false, "write "+document)

// The document that users read is that of the programs: go test -run TestDocument -update writes it.
func TestDocument(t *testing.T) {
	t.Setenv("SCALER_NATIVE_SOCKET", "") // it is the default of an option
	want, err := Markdown()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(document, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the programs say; make docs writes it anew", document)
	}
}

// A new kind of option, or a new series of Scaler's releases, needs words here.
func TestEveryOptionIsDescribed(t *testing.T) {
	for _, o := range config.Options() {
		if !o.Action && valueOf(o) == "" {
			t.Errorf("%s is of a kind without a description", o.Key)
		}
		if _, ok := releases[o.Since]; !ok {
			t.Errorf("%s is since a release without a name", o.Key)
		}
	}
}
