package installed

import (
	"fmt"
	"os"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Main is cluster.Main with a folder for the wheel and for the environments that tests share.
func Main(m *testing.M) int {
	folder, err := os.MkdirTemp("", "installed")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	run.folder = folder
	return cluster.Main(m)
}
