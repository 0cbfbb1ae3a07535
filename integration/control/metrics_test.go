package control

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

var metricsReleases = []cluster.Release{"1.26.6", "2.9.0"}

var pageAddress = regexp.MustCompile(`are at (http://\S+)`)

// The metrics match what the client knows and what the test did to the processes.
func TestMetrics(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{Policy: cluster.PolicyVanilla})
		s := cluster.Fixed("2", "--http-address", "127.0.0.1:0", "--restart", "on-failure", "--worker-agent", "native")
		m := c.StartManager(t, "metrics", s)
		line, ok := m.Output.Wait(pageAddress, 0, cluster.ConnectTimeout)
		if !ok {
			t.Fatal("the manager does not say where its metrics are")
		}
		p := served{t: t, url: pageAddress.FindStringSubmatch(line)[1]}
		c.Monitor.WaitWorkers(t, "2 workers", 2)
		p.await(map[string]float64{"scaler_native_workers_registered": 2})
		if status, text := p.get("readyz"); status != http.StatusOK || text != "serving\n" {
			t.Errorf("/readyz: %d %q", status, text)
		}
		p.checkTasks(c.StartTasker(t))
		p.checkDeaths(m)
		p.checkManager(m)
		p.checkComplete()
		m.End(t, syscall.SIGTERM)
		c.Monitor.WaitWorkers(t, "no worker", 0)
	}, metricsReleases...)
}

// A served is what a manager serves at its --http-address.
type served struct {
	t   *testing.T
	url string
}

func (p served) get(path string) (status int, text string) {
	p.t.Helper()
	response, err := http.Get(p.url + path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// scrape reads all metrics, by name with labels.
func (p served) scrape() map[string]float64 {
	p.t.Helper()
	status, text := p.get("metrics")
	if status != http.StatusOK {
		p.t.Fatalf("/metrics: %d %s", status, text)
	}
	found := map[string]float64{}
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		at := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") {
			continue
		}
		value, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			p.t.Fatalf("%q: %v", line, err)
		}
		found[line[:at]] = value
	}
	return found
}

// await waits until these metrics have these values, and returns all.
func (p served) await(want map[string]float64) map[string]float64 {
	p.t.Helper()
	for deadline := time.Now().Add(cluster.ConnectTimeout); ; time.Sleep(100 * time.Millisecond) {
		found := p.scrape()
		wrong := []string{}
		for name, value := range want {
			if got, ok := found[name]; !ok || got != value {
				wrong = append(wrong, fmt.Sprintf("%s is %v (found: %v), want %v", name, got, ok, value))
			}
		}
		if len(wrong) == 0 {
			return found
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("%s", strings.Join(wrong, "\n"))
		}
	}
}

// checkTasks runs tasks that end in every way, and compares the counts with those of the client.
func (p served) checkTasks(w *cluster.Tasker) {
	const succeeded, failed, waiting, seconds = 40, 3, 5, 1.5
	t := p.t
	w.SubmitMany(t, succeeded, "good", "pid")
	if got := w.Await(t, "good").Count; got != succeeded {
		t.Errorf("%d tasks succeeded, want %d", got, succeeded)
	}
	for i := range failed {
		name := fmt.Sprintf("bad %d", i)
		w.Submit(t, name, "fail")
		if o := w.Await(t, name); o.Error != "ValueError" {
			t.Errorf("%s ended with %q", name, o.Error)
		}
	}
	// Both workers are busy, and others wait behind them.
	for _, name := range []string{"victim", "cancelled"} {
		w.Submit(t, name, "sleep", 600)
		w.Running(t, name)
	}
	w.SubmitMany(t, waiting, "waiting", "sleep", seconds)
	p.await(map[string]float64{
		"scaler_native_workers_busy": 2, "scaler_native_tasks_running": 2, "scaler_native_tasks_queued": waiting,
		`scaler_native_tasks_total{outcome="succeeded"}`: succeeded, `scaler_native_tasks_total{outcome="failed"}`: failed,
		`scaler_native_tasks_total{outcome="cancelled"}`: 0, `scaler_native_tasks_total{outcome="died"}`: 0,
	})
	cluster.Kill(t, w.Running(t, "victim"))
	if o := w.Await(t, "victim"); o.Error != "ProcessorDiedError" {
		t.Errorf("the victim ended with %q", o.Error)
	}
	w.Cancel(t, "cancelled")
	if o := w.Await(t, "cancelled"); !strings.Contains(o.Error, "Cancel") {
		t.Errorf("the cancelled task ended with %q", o.Error)
	}
	if got := w.Await(t, "waiting").Count; got != waiting {
		t.Errorf("%d tasks that waited succeeded, want %d", got, waiting)
	}
	w.Leave(t)
	found := p.await(map[string]float64{
		"scaler_native_workers_busy": 0, "scaler_native_tasks_running": 0, "scaler_native_tasks_queued": 0,
		`scaler_native_tasks_total{outcome="succeeded"}`: succeeded + waiting,
		`scaler_native_tasks_total{outcome="failed"}`:    failed,
		`scaler_native_tasks_total{outcome="cancelled"}`: 1, `scaler_native_tasks_total{outcome="died"}`: 1,
		"scaler_native_task_duration_seconds_count": succeeded + waiting + failed,
		// Two had begun and did not end by themselves.
		"scaler_native_task_wait_seconds_count": succeeded + waiting + failed + 2,
	})
	if sum := found["scaler_native_task_duration_seconds_sum"]; sum < waiting*seconds || sum > 2*waiting*seconds {
		t.Errorf("tasks took %v s in all, want a little more than %v", sum, waiting*seconds)
	}
	if got := found[`scaler_native_task_duration_seconds_bucket{le="1"}`]; got != succeeded+failed {
		t.Errorf("%v tasks took a second at most, want %d", got, succeeded+failed)
	}
	if sum := found["scaler_native_task_wait_seconds_sum"]; sum < seconds {
		t.Errorf("tasks waited %v s in all, though some waited for one of %v s", sum, seconds)
	}
}

// checkDeaths kills a worker, and then the host.
func (p served) checkDeaths(m *cluster.Manager) {
	t := p.t
	before := p.scrape()
	cluster.Kill(t, cluster.WorkersOf(m)[0])
	found := p.await(map[string]float64{
		`scaler_native_worker_deaths_total{cause="SIGKILL"}`: before[`scaler_native_worker_deaths_total{cause="SIGKILL"}`] +
			1,
		"scaler_native_workers_failed_total":  before["scaler_native_workers_failed_total"] + 1,
		"scaler_native_workers_ended_total":   before["scaler_native_workers_ended_total"] + 1,
		"scaler_native_workers_started_total": before["scaler_native_workers_started_total"] + 1,
		"scaler_native_host_restarts_total":   0,
		"scaler_native_workers_registered":    2,
	})
	cluster.Kill(t, cluster.HostOf(m))
	p.await(map[string]float64{
		"scaler_native_host_restarts_total":   1,
		"scaler_native_workers_started_total": found["scaler_native_workers_started_total"] + 2,
		"scaler_native_workers_ended_total":   found["scaler_native_workers_ended_total"] + 2,
		"scaler_native_workers_registered":    2,
		"scaler_native_workers_actual":        2,
		"scaler_native_workers_desired":       2,
	})
}

// checkManager compares with what the kernel says about the manager.
func (p served) checkManager(m *cluster.Manager) {
	t := p.t
	found := p.scrape()
	pages, err := strconv.Atoi(strings.Fields(cluster.Content(t, fmt.Sprintf("/proc/%d/statm", m.PID())))[1])
	if err != nil {
		t.Fatal(err)
	}
	rss := float64(pages * os.Getpagesize())
	if got := found["process_resident_memory_bytes"]; math.Abs(got-rss) > rss/4 {
		t.Errorf("the manager has %v bytes, the kernel says %v", got, rss)
	}
	if age := float64(time.Now().Unix()) - found["process_start_time_seconds"]; age < 0 ||
		age > cluster.ConnectTimeout.Seconds() {
		t.Errorf("the manager is %v s old", age)
	}
	if cpu := found["process_cpu_seconds_total"]; cpu <= 0 || cpu > 10 {
		t.Errorf("the manager took %v s of CPU", cpu)
	}
	for name, value := range map[string]float64{
		`scaler_native_phase{phase="serving"}`: 1, `scaler_native_phase{phase="stopping"}`: 0,
		"scaler_native_workers_draining": 0, "scaler_native_workers_stopping": 0,
		"scaler_native_scheduler_reconnects_total": 0,
	} {
		if got, ok := found[name]; !ok || got != value {
			t.Errorf("%s is %v (found: %v), want %v", name, got, ok, value)
		}
	}
}

// checkComplete compares the metrics with docs/metrics.md.
func (p served) checkComplete() {
	t := p.t
	text, err := os.ReadFile(cluster.Repository("docs", "metrics.md"))
	if err != nil {
		t.Fatal(err)
	}
	found := p.scrape()
	names := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+)").FindAllStringSubmatch(string(text), -1)
	if len(names) < 20 {
		t.Fatalf("docs/metrics.md names only %d metrics", len(names))
	}
	for _, row := range names {
		name := row[1]
		if row[2] == "histogram" {
			name += "_count"
		}
		told := false
		for series := range found {
			told = told || series == name || strings.HasPrefix(series, name+"{")
		}
		// In fixed mode the manager sends no heartbeats.
		if !told && name != "scaler_native_scheduler_heartbeat_latency_seconds" {
			t.Errorf("the manager does not have the documented metric %s", name)
		}
	}
}
