package limits

import (
	"fmt"
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// TestMain is also the launcher: with a place in its environment, this program enters it and becomes the manager.
func TestMain(m *testing.M) {
	if name := os.Getenv(placeVariable); name != "" {
		fmt.Fprintln(os.Stderr, "cannot enter the place:", launch(name))
		os.Exit(launchFailed)
	}
	os.Exit(cluster.Main(m))
}
