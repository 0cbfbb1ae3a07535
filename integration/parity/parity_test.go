package parity

import (
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/compared"
)

// leastCases says that the cases were run, and not lost on the way.
const leastCases = 100

// A run of all cases under one manager takes a minute on two cores, and another one for each task that does not end.
var run = compared.Run{Name: "parity", Patience: 8 * time.Minute}

func TestParity(t *testing.T) {
	table := compared.Load(t, compared.TableFile)
	for _, release := range compared.Releases() {
		t.Run(release, func(t *testing.T) {
			upstream, ours := run.Both(t, release)
			if len(upstream) < leastCases {
				t.Fatalf("%d cases are too few", len(upstream))
			}
			compared.Check(t, release, table, upstream, ours)
		})
	}
}
