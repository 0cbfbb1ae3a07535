package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"
)

// A witness is a manager whose workers tell what they were made with, by clients/agent_seen.py.
type witness struct {
	*manager
	cluster *cluster
	folder  string // where they tell it
}

// startWitness starts a manager with a folder of modules in its path, which may be empty.
func (c *cluster) startWitness(t *testing.T, name string, s setup) *witness {
	t.Helper()
	clients, err := filepath.Abs("clients")
	if err != nil {
		t.Fatal(err)
	}
	w := &witness{cluster: c, folder: c.mark.temporary(t, name+"-seen")}
	s.arguments = append(s.arguments, "--warm-imports", "agent_seen")
	s.environment = append(s.environment, "SCALER_TEST_SEEN="+w.folder, "PYTHONDONTWRITEBYTECODE=1",
		"PYTHONPATH="+clients+":"+c.modules(t))
	w.manager = c.startManager(t, name, s)
	return w
}

// modules is a folder for modules that workers can import.
func (c *cluster) modules(t *testing.T) string { return c.mark.temporary(t, "modules") }

func (c *cluster) addModule(t *testing.T, name, source string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.modules(t), name+".py"), []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
}

// agents waits for what count workers tell, by process id.
func (w *witness) agents(t *testing.T, count int) map[int]map[string]any {
	t.Helper()
	for deadline := time.Now().Add(connectTimeout); ; time.Sleep(20 * time.Millisecond) {
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
		if time.Now().After(deadline) || !w.running() {
			t.Fatalf("%d workers have told what they were made with, want %d", len(all), count)
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

// processor is what a task tells of its processor, with what the modules have in LOADED.
func (c *cluster) processor(t *testing.T, modules ...string) map[string]any {
	t.Helper()
	var told map[string]any
	c.ask(t, &told, "settings_seen.py", modules...)
	return told
}

// checkTold compares some of what was told, as JSON has it.
func checkTold(t *testing.T, who string, told, want map[string]any) {
	t.Helper()
	text, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var plain map[string]any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	for name, value := range plain {
		if got, ok := told[name]; !ok || !reflect.DeepEqual(got, value) {
			t.Errorf("%s: %s is %v, want %v", who, name, got, value)
		}
	}
}

// number is one of JSON, -1 for anything else.
func number(told any) int {
	value, ok := told.(float64)
	if !ok {
		return -1
	}
	return int(value)
}

// threads counts those of a process.
func threads(t *testing.T, pid int) int {
	t.Helper()
	list, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// told is the files in which workers have told what they were made with.
func (w *witness) told(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.folder, "[0-9]*[0-9]"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}
