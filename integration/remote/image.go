package remote

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
	"github.com/scaler-native/scaler-native/integration/internal/installed"
)

// An Image is what machines find on their disk: a release of Scaler, with our wheel or without.
type Image struct {
	Bin string // what is /usr/local/bin, and has scaler_worker_manager
}

// imageOf makes links to the programs, as the entry point of Scaler's image and its user data make them in
// /usr/local/bin. With SCALER_WORKER_MANAGER=python the image is Scaler's own.
func imageOf(t *testing.T, r cluster.Release) Image {
	t.Helper()
	programs := cluster.Repository(".venvs", string(r), "bin")
	if !cluster.TestsUpstream() {
		programs = installed.Ours(t, string(r)).Path("bin")
	}
	bin := t.TempDir()
	found, _ := filepath.Glob(filepath.Join(programs, "scaler_*"))
	for _, program := range found {
		if err := os.Symlink(program, filepath.Join(bin, filepath.Base(program))); err != nil {
			t.Fatal(err)
		}
	}
	return Image{Bin: bin}
}

// needOurs skips a test of what our program says, or of its own options, when Scaler's is on the machines.
func needOurs(t *testing.T) {
	t.Helper()
	if cluster.TestsUpstream() {
		t.Skip("about our program")
	}
}
