package conformance

import (
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/compared"
)

// leastScripts guards against a run that skipped scripts.
const leastScripts = 20

// A run of all scripts under one manager takes a minute and a half on two cores.
var run = compared.Run{Name: "conformance", Patience: 4 * time.Minute, Options: []string{"--worker-agent", "native"}}

func TestConformance(t *testing.T) { run.Test(t, leastScripts) }
