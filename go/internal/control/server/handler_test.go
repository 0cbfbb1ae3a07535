package server

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHandler(t *testing.T) {
	long := strings.Repeat("x", 2*maxBody)
	for _, test := range []struct {
		method, path, body string
		err                error // of the manager
		status             int
		answer             string // a part of it
		told               any
	}{
		{"GET", "/v1/status", "", nil, 200, `"memory_kind":"rss"`, nil},
		{"GET", "/v1/status?memory=pss", "", nil, 200, `"memory_kind":"pss"`, nil},
		{"GET", "/v1/status", "", control.ErrEnded, 503, `{"error":"the manager has ended"}`, nil},
		{"GET", "/v1/workers/w/logs", "", nil, 200, "{\"text\":\"one\"}\n{\"text\":\"two\"}\n", nil},
		{"GET", "/v1/workers/v/logs", "", nil, 404, "no such worker", nil},
		{"GET", "/v1/workers/a%2Fb/stacks", "", nil, 200, `"worker":"a/b"`, nil},
		{"GET", "/v1/events?after=x", "", nil, 400, "after must be", nil},
		{"POST", "/v1/drain", `{"deadline": 3, "end": true}`, nil, 200, `"id":"m"`, state.Drain{Deadline: 3, End: true}},
		{"POST", "/v1/drain", "", nil, 200, `"id":"m"`, state.Drain{}},
		{"POST", "/v1/drain", `{"dedline": 3}`, nil, 400, "dedline", nil},
		{"POST", "/v1/drain", `{"deadline": "soon"}`, nil, 400, "invalid request", nil},
		{"POST", "/v1/drain", `[`, nil, 400, "invalid request", nil},
		{"POST", "/v1/drain", `{"deadline": "` + long + `"}`, nil, 400, "too large", nil},
		{"POST", "/v1/resize", `{"count": 4}`, nil, 200, `"id":"m"`, state.Resize{Count: 4}},
		{"POST", "/v1/resize", "", nil, 400, "count is missing", nil}, // not: no workers
		{"POST", "/v1/resize", "{}", nil, 400, "count is missing", nil},
		{"POST", "/v1/resize", `{"count": 0}`, nil, 200, `"id":"m"`, state.Resize{}},
		{"POST", "/v1/restart", `{"workers": ["w"]}`, nil, 200, `"id":"m"`, state.Restart{Workers: []string{"w"}}},
		{"POST", "/v1/resume", "", nil, 200, `"id":"m"`, "resume"},
		{"POST", "/v1/stop", "", nil, 200, `"id":"m"`, "stop"},
		{"POST", "/v1/resume", "", fmt.Errorf("%w: it serves", control.ErrRefused), 409, "it serves", "resume"},
		{"POST", "/v1/stop", "", errors.New("odd"), 500, "odd", "stop"},
		{"GET", "/v1/stop", "", nil, 405, "", nil},
		{"GET", "/v2/status", "", nil, 404, "", nil},
		{"GET", "/", "", nil, 404, "", nil},
	} {
		t.Run(test.method+test.path+test.body[:min(len(test.body), 20)], func(t *testing.T) {
			manager := newFake()
			manager.err = test.err
			answer := httptest.NewRecorder()
			Handler(manager).ServeHTTP(answer, httptest.NewRequest(test.method, test.path, strings.NewReader(test.body)))
			if answer.Code != test.status || !strings.Contains(answer.Body.String(), test.answer) {
				t.Errorf("%d %s, want %d %s", answer.Code, answer.Body, test.status, test.answer)
			}
			var want []any
			if test.told != nil {
				want = []any{test.told}
			}
			if !reflect.DeepEqual(manager.told, want) {
				t.Errorf("the manager was told %v, want %v", manager.told, want)
			}
		})
	}
}

func TestEvents(t *testing.T) {
	manager := newFake()
	for _, text := range []string{"one", "two"} {
		manager.journal.Add(state.Event{Kind: state.WorkerDied, Text: text})
	}
	server := httptest.NewServer(Handler(manager))
	defer server.Close()
	answer, err := http.Get(server.URL + "/v1/events?after=1&follow=1")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for _, want := range []string{"two", "three", "four"} {
		var event state.Event
		if !lines.Scan() || json.Unmarshal(lines.Bytes(), &event) != nil || event.Text != want {
			t.Fatalf("got %q, want %s", lines.Text(), want)
		}
		if want == "two" { // the next ones come while somebody waits
			manager.journal.Add(state.Event{Text: "three"})
			manager.journal.Add(state.Event{Text: "four"})
		}
	}
}
