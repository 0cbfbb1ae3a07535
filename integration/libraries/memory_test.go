package libraries

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// crowd is how many workers share what can be shared.
const crowd = 8

// Workers that have used pandas take less memory under this manager than under Scaler's own, and less still if the
// worker host has imported it. The rounds are interleaved; the figures are in docs/libraries.md.
func TestMemory(t *testing.T) {
	environment := two
	if name := os.Getenv("SCALER_LIBRARIES_ENVIRONMENT"); name != "" {
		environment = cluster.Release(name)
	}
	if os.Getenv("SCALER_LIBRARIES") == "" {
		t.Skip("SCALER_LIBRARIES names no libraries")
	}
	c := cluster.New(t, environment, cluster.Layout{Policy: cluster.PolicyVanilla})
	for round := range 2 {
		taken := map[string]int{}
		for _, w := range []way{scalers, ways[0], {name: "warm", arguments: []string{"--warm-imports", "numpy,pandas"}}} {
			m, client, socket := start(t, c, "pandas", w, crowd)
			if r := collect(t, m, client, socket, w); len(r.failed) > 0 || r.hung != "" {
				t.Fatalf("%s: %s", w.name, r.summary())
			}
			taken[w.name] = pss(c.Mark.Processes(w.name))
			client.Finish(t)
			end(t, m, w)
		}
		load, _ := os.ReadFile("/proc/loadavg")
		t.Logf("round %d: PSS in MB of a manager and %d workers that have used pandas: %v (load %s)", round+1, crowd,
			taken, strings.Fields(string(load))[0])
		if taken["warm"] >= taken["plain"] || taken["plain"] >= taken["scaler"] {
			t.Errorf("PSS in MB: %v, want warm < plain < scaler", taken)
		}
	}
}

// pss adds up what processes take, with their share of shared pages, in MB.
func pss(processes []cluster.Found) int {
	total := 0
	for _, process := range processes {
		file, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", process.Pid))
		if err != nil {
			continue // it has ended
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[0] == "Pss:" {
				kilobytes, _ := strconv.Atoi(fields[1])
				total += kilobytes
			}
		}
		file.Close()
	}
	return total >> 10
}
