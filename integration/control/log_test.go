package control

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// logged has the fields of a JSON log line that the tests read.
type logged struct {
	Time      string `json:"time"`
	Level     string `json:"level"`
	Message   string `json:"message"`
	Manager   string `json:"manager"`
	Pid       int    `json:"pid"`
	Worker    string `json:"worker"`
	WorkerPid int    `json:"worker_pid"`
	Processor int    `json:"processor_pid"`
}

// With --log-format json, every line is JSON, and fields name the workers and processes that the text is about.
func TestJSONLog(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		path := filepath.Join(c.Mark.Dir, "log")
		m := c.StartManager(t, "collected", cluster.Fixed("2", "--worker-agent", "native", "--log-format", "json",
			"--logging-paths", path))
		c.Monitor.WaitWorkers(t, "2 workers", 2)
		known := map[string]bool{}
		for id := range c.Monitor.State.Connected {
			known[id] = true
		}
		c.CheckAdds(t)
		victim := cluster.WorkersOf(m)[0]
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		c.Monitor.WaitWorkers(t, "1 worker", 1)
		m.End(t, syscall.SIGTERM)
		died, about := 0, regexp.MustCompile(`worker \S+ \(pid \d+\)|^WorkerID\(`)
		for _, text := range strings.Split(strings.TrimSuffix(cluster.Content(t, path), "\n"), "\n") {
			var line logged
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Errorf("%v: %s", err, text)
				continue
			}
			if _, err := time.Parse("2006-01-02T15:04:05.000Z07:00", line.Time); err != nil || line.Level == "" ||
				line.Message == "" || line.Manager != m.Name || line.Pid != m.PID() {
				t.Errorf("%v: %s", err, text)
			}
			if is := about.MatchString(line.Message); is != (line.WorkerPid != 0) || is != known[line.Worker] {
				t.Errorf("a line that names a worker has no field for it, or the other way round: %s", text)
			}
			if strings.Contains(line.Message, "Processor[") != (line.Processor != 0) {
				t.Errorf("a line that names a processor has no field for it, or the other way round: %s", text)
			}
			if strings.Contains(line.Message, "died: SIGKILL; not replaced, 1 of 2 left") {
				died++
				if line.Level != "WARNING" || line.WorkerPid != victim {
					t.Errorf("not of worker %d: %s", victim, text)
				}
			}
		}
		if died != 1 {
			t.Errorf("the log reports %d deaths of workers, want 1", died)
		}
	}, "1.26.6", "2.9.0")
}
