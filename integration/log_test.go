package integration

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// logged is a line of a log in JSON, no more of it than the tests need.
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

// A log in JSON is nothing else, from the first line to the last, and names in fields what its texts are about.
func TestJSONLog(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		path := filepath.Join(c.mark.dir, "log")
		m := c.startManager(t, "collected", fixed("2", "--worker-agent", "native", "--log-format", "json",
			"--logging-paths", path))
		c.monitor.waitWorkers(t, "2 workers", 2)
		known := map[string]bool{}
		for id := range c.monitor.state.Connected {
			known[id] = true
		}
		c.checkAdds(t)
		victim := workersOf(m)[0]
		if err := syscall.Kill(victim, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		c.monitor.waitWorkers(t, "1 worker", 1)
		m.end(t, syscall.SIGTERM)
		died, about := 0, regexp.MustCompile(`worker \S+ \(pid \d+\)|^WorkerID\(`)
		for _, text := range strings.Split(strings.TrimSuffix(content(t, path), "\n"), "\n") {
			var line logged
			if err := json.Unmarshal([]byte(text), &line); err != nil {
				t.Errorf("%v: %s", err, text)
				continue
			}
			if _, err := time.Parse("2006-01-02T15:04:05.000Z07:00", line.Time); err != nil || line.Level == "" ||
				line.Message == "" || line.Manager != m.name || line.Pid != m.pid() {
				t.Errorf("%v: %s", err, text)
			}
			if is := about.MatchString(line.Message); is != (line.WorkerPid != 0) || is != known[line.Worker] {
				t.Errorf("is it about a worker? %s", text)
			}
			if strings.Contains(line.Message, "Processor[") != (line.Processor != 0) {
				t.Errorf("is it about a processor? %s", text)
			}
			if strings.Contains(line.Message, "died: SIGKILL; not replaced, 1 of 2 left") {
				died++
				if line.Level != "WARNING" || line.WorkerPid != victim {
					t.Errorf("not of worker %d: %s", victim, text)
				}
			}
		}
		if died != 1 {
			t.Errorf("the death of a worker is said %d times", died)
		}
	}, "1.26.6", "2.9.0")
}
