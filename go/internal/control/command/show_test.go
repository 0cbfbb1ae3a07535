package command

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/fake"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

var update = flag.Bool("update", false, "rewrite the files in testdata")

// golden compares the output with a file in testdata.
func golden(t *testing.T, name string, r result) {
	t.Helper()
	r.check(t, statusOK, ".", "")
	file := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(file, []byte(r.out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || r.out != string(want) {
		t.Errorf("%s: %v, got\n%s", file, err, r.out)
	}
}

func TestStatus(t *testing.T) {
	list := managers(t, 2)
	list[1].Set(func(m *fake.Manager) {
		m.State.Agent, m.State.WhyAgent = state.AgentScaler, "the sources of its agent are not known"
		m.State.Mode, m.State.Phase = "fixed", state.Waiting
		m.State.Scheduler = state.Scheduler{Address: "tcp://127.0.0.1:9"}
	})
	golden(t, "list", run("status"))
	golden(t, "native", run("status", "11"))
	golden(t, "scaler", run("status", "12", "--quick"))
	requests := strings.Join(list[0].Requests()[1:], " ")
	if requests != "GET /v1/status GET /v1/status?memory=pss GET /v1/status" {
		t.Errorf("got %s", requests)
	}
}

func TestStatusOfTheOnlyManagerIsInFull(t *testing.T) {
	managers(t, 1)
	golden(t, "native", run("status"))
}

func TestStatusAsJSON(t *testing.T) {
	managers(t, 2)
	lines := strings.Split(strings.TrimSuffix(run("status", "--json").out, "\n"), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %q", lines)
	}
	for i, line := range lines {
		// The JSON is the manager's, unchanged.
		want, _ := json.Marshal(fake.State(11 + i))
		if line != string(want) {
			t.Errorf("got %s\nwant %s", line, want)
		}
	}
	run("status", "12", "--json").check(t, statusOK, `^{"version":1,"id":"NAT\|node-12[^\n]*}\n$`, "")
}

func TestEvents(t *testing.T) {
	list := managers(t, 1)
	at := time.Date(2026, 11, 28, 5, 0, 0, 7e6, time.Local)
	list[0].AddEvent(state.Event{Time: at, Kind: state.ManagerStarted, Text: "version 0.1.0"})
	list[0].AddEvent(state.Event{Time: at, Kind: state.WorkerDied, Worker: "w", Pid: 21, Text: "by SIGKILL\x1b[2J"})
	golden(t, "events", run("events"))
	run("events", "--json", "--after", "1").check(t, statusOK,
		`^{"id":2,"time":"[^\n]*,"kind":"worker died","worker":"w","pid":21,[^\n]*}\n$`, "")
	run("events", "--after", "2").check(t, statusOK, "", "")
}

// follower sends what is written to a channel.
type follower chan string

func (f follower) Write(text []byte) (int, error) {
	f <- string(text)
	return len(text), nil
}

func TestFollowedEventsAreShownAtOnce(t *testing.T) {
	list := managers(t, 1)
	list[0].AddEvent(state.Event{Kind: "one"})
	shown, ended := make(follower), make(chan int)
	go func() { ended <- Run(t.Context(), []string{"events", "--follow"}, shown, shown) }()
	if text := <-shown; !strings.Contains(text, "one") {
		t.Errorf("got %q", text)
	}
	list[0].AddEvent(state.Event{Kind: "two"})
	if text := <-shown; !strings.Contains(text, "two") {
		t.Errorf("got %q", text)
	}
	list[0].Close()
	if status := <-ended; status != statusOK {
		t.Errorf("status %d", status)
	}
}

func TestLogsAndStacks(t *testing.T) {
	list := managers(t, 2)
	id := list[1].State.Members[0].ID
	list[1].Set(func(m *fake.Manager) {
		m.Logs = map[string][]state.Line{id: {{Text: "started"}, {Text: "bell\a"}}, "99": {{Text: "of one that has ended"}}}
		m.Stacks = map[string]state.Stacks{id: {Worker: id, Processors: []state.ProcessorStacks{
			{Pid: 23, Text: "Thread 1 (most recent call first):\n\tFile \"x.py\", line 1 in f\x1b[2J\n"},
			{Pid: 24, Error: "it does not answer"},
		}}}
	})
	run("logs", "22").check(t, statusOK, "^started\nbell\ufffd\n$", "")
	run("logs", id, "--json").check(t, statusOK, `^{"text":"started"}\n{"text":"bell\\u0007"}\n$`, "")
	run("logs", "99").check(t, statusOK, "^of one that has ended\n$", "")
	run("logs", "98").check(t, statusNotFound, "", `no worker "98"; managers: `)
	run("logs", "0000001a").check(t, statusUsage, "", `"0000001a" matches 2 workers: Worker\|NAT\|.*pid 21.*pid 22`)
	run("logs", "0000001a", "--manager", "12").check(t, statusOK, "^started\n", "")
	run("stacks", "22").check(t, statusFailed,
		"^Processor 23:\nThread 1 \\(most recent call first\\):\n\tFile \"x.py\", line 1 in f\ufffd\\[2J\n$",
		"no stacks of processor 24: it does not answer")
	run("stacks", "22", "--json").check(t, statusOK, `^{"worker":"Worker[^\n]*}\n$`, "")
	run("stacks", "32").check(t, statusNotFound, "", "no worker is named ")
}
