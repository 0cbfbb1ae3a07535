package conformance

import (
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/compared"
)

// leastScripts says that the scripts were acted, and not lost on the way.
const leastScripts = 20

// A run of all scripts under one manager takes a minute and a half on two cores.
var run = compared.Run{Name: "conformance", Patience: 4 * time.Minute, Options: []string{"--worker-agent", "native"}}

func TestConformance(t *testing.T) {
	table := compared.Load(t, compared.TableFile)
	for _, release := range compared.Releases() {
		t.Run(release, func(t *testing.T) {
			upstream, ours := run.Both(t, release)
			if len(upstream) < leastScripts {
				t.Fatalf("%d scripts are too few", len(upstream))
			}
			compared.Check(t, release, table, upstream, ours)
		})
	}
}
