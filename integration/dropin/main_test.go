package dropin

import (
	"fmt"
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	folder, err := os.MkdirTemp("", "dropin")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	run.folder = folder
	return cluster.Main(m)
}
