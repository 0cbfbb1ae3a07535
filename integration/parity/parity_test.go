package parity

import (
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/compared"
)

// leastCases guards against a run that skipped cases.
const leastCases = 100

// A run of all cases under one manager takes a minute on two cores, and another one for each task that does not end.
var run = compared.Run{Name: "parity", Patience: 8 * time.Minute}

func TestParity(t *testing.T) { run.Test(t, leastCases) }
