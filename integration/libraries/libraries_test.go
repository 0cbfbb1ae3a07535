package libraries

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Environments of .venvs: all libraries, and the one of the benchmarks, which make venvs makes for this test.
const (
	everything = cluster.Release("libraries-2.9.0")
	two        = cluster.Release("bench-2.9.0")
)

// NumPy and pandas, of which every environment of the benchmarks has a copy.
func TestNumPyAndPandas(t *testing.T) {
	for _, library := range []string{"numpy", "pandas"} {
		t.Run(library, func(t *testing.T) { compare(t, two, library) })
	}
}

// All libraries, with make libraries.
func TestLibraries(t *testing.T) {
	wanted := strings.Fields(os.Getenv("SCALER_LIBRARIES"))
	if len(wanted) == 0 {
		t.Skip("SCALER_LIBRARIES names no libraries")
	}
	environment := everything
	if name := os.Getenv("SCALER_LIBRARIES_ENVIRONMENT"); name != "" {
		environment = cluster.Release(name)
	}
	var known []string
	files, _ := filepath.Glob(filepath.Join("programs", "tasks", "use_*.py"))
	for _, file := range files {
		known = append(known, strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "use_"), ".py"))
	}
	if slices.Equal(wanted, []string{"all"}) {
		wanted = known
	}
	for _, library := range wanted {
		t.Run(library, func(t *testing.T) {
			if !slices.Contains(known, library) {
				t.Fatalf("no tasks for it; there are some for %v", known)
			}
			compare(t, environment, library)
		})
	}
}

// compare runs the tasks of a library in all ways, and logs a row of the table of docs/libraries.md.
func compare(t *testing.T, environment cluster.Release, library string) {
	version := versionOf(t, environment, library)
	c := cluster.New(t, environment, cluster.Layout{Policy: cluster.PolicyVanilla})
	upstream := run(t, c, library, scalers)
	row := []string{library, version, upstream.summary()}
	if len(upstream.tasks) == 0 || upstream.hung != "" {
		t.Errorf("Scaler's own manager did not run the tasks: %s", upstream.summary())
	}
	for _, w := range ways {
		cell := "not run"
		t.Run(w.name, func(t *testing.T) {
			ours := run(t, c, library, w)
			for _, task := range upstream.order {
				if upstream.tasks[task] != ours.tasks[task] {
					t.Errorf("%s: %s under Scaler's manager, %s under ours", task, upstream.tasks[task], ours.tasks[task])
				}
			}
			cell = ours.summary()
		})
		row = append(row, cell)
	}
	fmt.Println("| " + strings.Join(row, " | ") + " |")
}
