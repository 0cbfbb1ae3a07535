package metrics

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func busyManager() state.Manager {
	return state.Manager{
		Program: "1.2.3", Scaler: "2.9.0", Python: "3.11.7", Started: time.UnixMilli(1764300000500), Phase: state.Serving,
		Mode: "dynamic", Agent: "native", MemoryKind: state.PSS, CPU: 1.5, RSS: 13 << 20,
		Scheduler: state.Scheduler{Protocol: "YMQ 1", Connected: true, Reconnects: 2, Latency: 0.25},
		Workers: state.Workers{
			Desired: 8, Actual: 7, Registered: 6, Busy: 5, Draining: 4, Stopping: 3,
			Started: 20, Ended: 13, Failed: 9, HostRestarts: 1,
			Deaths: map[string]int{"SIGKILL": 3, "exit 7": 2, "exit 256": 1, "exit 07": 1, "SIGWHAT": 1, "worker 17 fell": 1},
		},
		Tasks:   state.Tasks{Queued: 11, Running: 5, Succeeded: 100, Failed: 10, Cancelled: 4, Died: 1},
		Runs:    state.Histogram{Bounds: []float64{0.1, 1}, Counts: []uint64{90, 15, 5}, Sum: 61.5},
		Waits:   state.Histogram{Bounds: []float64{0.1, 1}, Counts: []uint64{0, 0, 0}},
		Spares:  state.Spares{Ready: 1, Bytes: 4096},
		Members: []state.Worker{{ID: "a", CPU: 0.75, Memory: 1000}, {ID: "b", CPU: 0.5, Memory: 500}},
	}
}

func scrape(t *testing.T, s state.Manager, err error) (int, string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	handler := Handler(func() (state.Manager, error) { return s, err })
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	return recorder.Code, recorder.Body.String()
}

func TestScrape(t *testing.T) {
	code, text := scrape(t, busyManager(), nil)
	if code != http.StatusOK {
		t.Fatalf("status %d: %s", code, text)
	}
	for _, line := range []string{
		`scaler_native_build_info{python="3.11.7",scaler="2.9.0",version="1.2.3"} 1`,
		`scaler_native_manager_info{agent="native",mode="dynamic",protocol="YMQ 1"} 1`,
		`scaler_native_phase{phase="serving"} 1`,
		`scaler_native_phase{phase="draining"} 0`,
		`scaler_native_scheduler_connected 1`,
		`scaler_native_scheduler_reconnects_total 2`,
		`scaler_native_scheduler_heartbeat_latency_seconds 0.25`,
		`scaler_native_workers_desired 8`,
		`scaler_native_workers_actual 7`,
		`scaler_native_workers_registered 6`,
		`scaler_native_workers_busy 5`,
		`scaler_native_workers_draining 4`,
		`scaler_native_workers_stopping 3`,
		`scaler_native_workers_started_total 20`,
		`scaler_native_workers_ended_total 13`,
		`scaler_native_workers_failed_total 9`,
		`scaler_native_worker_deaths_total{cause="SIGKILL"} 3`,
		`scaler_native_worker_deaths_total{cause="SIGSEGV"} 0`,
		`scaler_native_worker_deaths_total{cause="exit 1"} 0`,
		`scaler_native_worker_deaths_total{cause="exit 7"} 2`,
		`scaler_native_worker_deaths_total{cause="other"} 4`,
		`scaler_native_host_restarts_total 1`,
		`scaler_native_workers_cpu_cores 1.25`,
		`scaler_native_workers_memory_bytes{kind="pss"} 1500`,
		`scaler_native_tasks_queued 11`,
		`scaler_native_tasks_running 5`,
		`scaler_native_tasks_total{outcome="succeeded"} 100`,
		`scaler_native_tasks_total{outcome="failed"} 10`,
		`scaler_native_tasks_total{outcome="cancelled"} 4`,
		`scaler_native_tasks_total{outcome="died"} 1`,
		`scaler_native_task_duration_seconds_bucket{le="0.1"} 90`,
		`scaler_native_task_duration_seconds_bucket{le="1"} 105`,
		`scaler_native_task_duration_seconds_bucket{le="+Inf"} 110`,
		`scaler_native_task_duration_seconds_sum 61.5`,
		`scaler_native_task_duration_seconds_count 110`,
		`scaler_native_task_wait_seconds_count 0`,
		`scaler_native_spare_processors 1`,
		`scaler_native_spare_processors_memory_bytes 4096`,
		`process_cpu_seconds_total 1.5`,
		`process_resident_memory_bytes 1.3631488e+07`,
		`process_start_time_seconds 1.7643000005e+09`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("%s is not in\n%s", line, text)
		}
	}
	for _, m := range Table() {
		if !strings.Contains(text, fmt.Sprintf("# TYPE %s %s\n", m.Name, m.Type)) {
			t.Errorf("%s is not exported as %s", m.Name, m.Type)
		}
	}
	if deaths := strings.Count(text, "\nscaler_native_worker_deaths_total{"); deaths != 5 {
		t.Errorf("%d causes of death", deaths)
	}
}

// Prometheus' rules for names, units and help.
func TestLint(t *testing.T) {
	_, text := scrape(t, busyManager(), nil)
	problems, err := promlint.New(strings.NewReader(text)).Lint()
	if err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	for _, m := range Table() {
		if word := m.Unit; (word == "seconds" || word == "bytes") && !strings.Contains(m.Help, word) {
			t.Errorf("the help of %s does not say that its unit is %s", m.Name, word)
		}
	}
}

// Unknown values are omitted: a zero would be wrong, and so would alerts on it.
func TestUnknown(t *testing.T) {
	for _, agent := range []string{"", "scaler"} {
		code, text := scrape(t, state.Manager{Agent: agent, Phase: state.Starting}, nil)
		if code != http.StatusOK || !strings.Contains(text, "\nscaler_native_workers_busy 0\n") {
			t.Errorf("status %d: %s", code, text)
		}
		for _, m := range Table() {
			if m.Native && strings.Contains(text, m.Name) {
				t.Errorf("%s is exported with agents %q", m.Name, agent)
			}
		}
		if strings.Contains(text, "heartbeat_latency") {
			t.Error("a latency is exported before the first heartbeat")
		}
	}
}

func TestNoStatus(t *testing.T) {
	code, text := scrape(t, state.Manager{}, errors.New("the manager does not answer"))
	if code != http.StatusInternalServerError || !strings.Contains(text, "the manager does not answer") {
		t.Errorf("status %d: %s", code, text)
	}
}

const document = "../../../../docs/metrics.md"

var update = flag.Bool("update", false, "write the table of "+document)

// The documented table is generated from the metrics: go test -run TestDocument -update writes it.
func TestDocument(t *testing.T) {
	content, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- table: written by go test -update -->\n", "<!-- end of the table -->"
	before, rest, found := bytes.Cut(content, []byte(begin))
	stands, after, ended := bytes.Cut(rest, []byte(end))
	if !found || !ended {
		t.Fatalf("%s has no markers for the table", document)
	}
	want := markdown()
	if string(stands) == want {
		return
	}
	if !*update {
		t.Fatalf("the table in %s is out of date: run this test with -update", document)
	}
	text := string(before) + begin + want + end + string(after)
	if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func markdown() string {
	var out strings.Builder
	out.WriteString("| metric | type | unit | labels | meaning |\n| --- | --- | --- | --- | --- |\n")
	for _, m := range Table() {
		agents := ""
		if m.Native {
			agents = " Only with native agents."
		}
		labels := orNone(strings.Join(m.Labels, ", "))
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s%s |\n", m.Name, m.Type, orNone(m.Unit), labels, m.Help, agents)
	}
	return out.String()
}

func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
