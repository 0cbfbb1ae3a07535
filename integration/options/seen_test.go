package options

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A witness is a manager whose workers report the settings that they get, with clients/agent_seen.py.
type witness struct {
	*cluster.Manager
	cluster *cluster.Cluster
	folder  string // of the reports
}

// startWitness starts a manager whose path has the folder of modules.
func startWitness(t *testing.T, c *cluster.Cluster, name string, s cluster.Setup) *witness {
	t.Helper()
	w := &witness{cluster: c, folder: c.Mark.Temporary(t, name+"-seen")}
	s.Arguments = append(s.Arguments, "--warm-imports", "agent_seen")
	s.Environment = append(s.Environment, "SCALER_TEST_SEEN="+w.folder, "PYTHONDONTWRITEBYTECODE=1",
		"PYTHONPATH="+cluster.ClientScript("")+":"+c.Modules(t))
	w.Manager = c.StartManager(t, name, s)
	return w
}

// agents waits for the reports of count workers, by pid.
func (w *witness) agents(t *testing.T, count int) map[int]map[string]any {
	t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(20 * time.Millisecond) {
		all := map[int]map[string]any{}
		for _, file := range w.told(t) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var told map[string]any
			if err := json.Unmarshal(text, &told); err != nil {
				t.Fatal(err)
			}
			pid, _ := strconv.Atoi(filepath.Base(file))
			all[pid] = told
		}
		if len(all) >= count {
			return all
		}
		if time.Now().After(deadline) || !w.Running() {
			t.Fatalf("%d workers have reported their settings, want %d", len(all), count)
		}
	}
}

// agent is for a manager with one worker.
func (w *witness) agent(t *testing.T) (pid int, told map[string]any) {
	t.Helper()
	for pid, told = range w.agents(t, 1) {
	}
	return pid, told
}

// processor runs a task that reports on its processor, with the value of LOADED in these modules.
func processor(t *testing.T, c *cluster.Cluster, modules ...string) map[string]any {
	t.Helper()
	var told map[string]any
	c.Ask(t, &told, "settings_seen.py", modules...)
	return told
}

// told returns the files with the reports of workers.
func (w *witness) told(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.folder, "[0-9]*[0-9]"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}
