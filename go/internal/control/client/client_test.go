package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/fake"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// timeout is for tests in which an answer comes.
const timeout = time.Minute

// begin starts a fake manager and returns a client of it.
func begin(t *testing.T, m *fake.Manager) *Client {
	t.Helper()
	path := filepath.Join(fake.Directory(t), "11.sock")
	m.Serve(t, path)
	c := New(path, timeout)
	t.Cleanup(c.Close)
	return c
}

func TestQuestionsAndAnswers(t *testing.T) {
	m := &fake.Manager{State: fake.State(11),
		Logs:   map[string][]state.Line{"Worker|a/b": {{Text: "one"}, {Text: "two"}}},
		Stacks: map[string]state.Stacks{"7": {Worker: "w", Processors: []state.ProcessorStacks{{Pid: 8, Text: "File"}}}},
	}
	c, ctx := begin(t, m), context.Background()
	status, err := c.Status(ctx, true)
	if err != nil || status.Value.Pid != 11 || status.Value.Members[0].Processors[0].Task.Function != "simulate" {
		t.Errorf("status: %+v, %v", status.Value, err)
	}
	if !strings.HasPrefix(string(status.Text), `{"version":1,`) {
		t.Errorf("the JSON was changed: %s", status.Text)
	}
	lines, err := c.Logs(ctx, "Worker|a/b")
	if err != nil || len(lines) != 2 || lines[1].Value.Text != "two" || string(lines[0].Text) != `{"text":"one"}` {
		t.Errorf("logs: %v, %v", lines, err)
	}
	stacks, err := c.Stacks(ctx, "7")
	if err != nil || stacks.Value.Processors[0].Text != "File" {
		t.Errorf("stacks: %v, %v", stacks, err)
	}
	for _, told := range []func() (Answer[state.Manager], error){
		func() (Answer[state.Manager], error) { return c.Drain(ctx, state.Drain{Deadline: 1.5, End: true}) },
		func() (Answer[state.Manager], error) { return c.Resume(ctx) },
		func() (Answer[state.Manager], error) { return c.Resize(ctx, state.Resize{Count: -1}) },
		func() (Answer[state.Manager], error) { return c.Restart(ctx, state.Restart{Workers: []string{"a"}}) },
		func() (Answer[state.Manager], error) { return c.Stop(ctx) },
	} {
		if answer, err := told(); err != nil || answer.Value.Pid != 11 {
			t.Errorf("got %v, %v", answer, err)
		}
	}
	want := []string{
		"GET /v1/status?memory=pss", "GET /v1/workers/Worker%7Ca%2Fb/logs", "GET /v1/workers/7/stacks",
		`POST /v1/drain {"deadline":1.5,"end":true}`, "POST /v1/resume", `POST /v1/resize {"count":-1}`,
		`POST /v1/restart {"workers":["a"]}`, "POST /v1/stop",
	}
	if got := m.Requests(); !slices.Equal(got, want) {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if c.Peer() != os.Getpid() {
		t.Errorf("the peer is %d", c.Peer())
	}
}

func TestEvents(t *testing.T) {
	m := &fake.Manager{State: fake.State(11)}
	c, ctx := begin(t, m), context.Background()
	for i := range 3 {
		m.AddEvent(state.Event{Kind: state.WorkerStarted, Text: fmt.Sprint(i)})
	}
	var ids []uint64
	if err := c.Events(ctx, 1, false, func(e Answer[state.Event]) error {
		ids = append(ids, e.Value.ID)
		return nil
	}); err != nil || !slices.Equal(ids, []uint64{2, 3}) {
		t.Errorf("got %v, %v", ids, err)
	}
	// Events that happen while the client follows.
	enough := errors.New("enough")
	ids = nil
	err := c.Events(ctx, 2, true, func(e Answer[state.Event]) error {
		if ids = append(ids, e.Value.ID); len(ids) == 3 {
			return enough
		}
		m.AddEvent(state.Event{Kind: state.WorkerDied})
		return nil
	})
	if err != enough || !slices.Equal(ids, []uint64{3, 4, 5}) {
		t.Errorf("got %v, %v", ids, err)
	}
}

func TestFollowingEndsWithTheManager(t *testing.T) {
	m := &fake.Manager{State: fake.State(11)}
	c := begin(t, m)
	m.AddEvent(state.Event{})
	err := c.Events(context.Background(), 0, true, func(Answer[state.Event]) error {
		go m.Close()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// errorsOf returns the errors of both kinds of request: for one value, and for lines.
func errorsOf(c *Client) []error {
	_, status := c.Status(context.Background(), false)
	_, logs := c.Logs(context.Background(), "w")
	return []error{status, logs}
}

func TestRefusals(t *testing.T) {
	for _, test := range []struct {
		status     int
		body, want string
		kind       error
	}{
		{404, `{"error":"no worker is named w"}`, "no worker is named w", control.ErrNotFound},
		{409, `{"error":"it drains\nalready"}`, "it drains already", control.ErrRefused},
		{503, `{"error":"the manager ends"}`, "the manager ends", control.ErrEnded},
		{400, `{"error":"not a number"}`, "not a number", nil},
		{404, "404 page not found", "the manager does not support this request: it answered 404 Not Found", nil},
		{500, `{"error":""}`, "it answered 500 Internal Server Error", nil},
		{200, `[1]`, "invalid answer from the manager at ", nil},
		{200, `{"version":1`, "invalid answer from the manager at ", nil},
	} {
		t.Run(test.body, func(t *testing.T) {
			c := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			}), timeout)
			for _, err := range errorsOf(c) {
				if err == nil || !strings.Contains(err.Error(), test.want) || test.kind != nil && !errors.Is(err, test.kind) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

// serve runs a handler behind a socket and returns a client of it.
func serve(t *testing.T, handler http.Handler, timeout time.Duration) *Client {
	t.Helper()
	path := filepath.Join(fake.Directory(t), "11.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	_ = server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	c := New(path, timeout)
	t.Cleanup(c.Close)
	return c
}

func TestNoManager(t *testing.T) {
	directory := fake.Directory(t)
	stale := filepath.Join(directory, "12.sock")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: stale, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	listener.SetUnlinkOnClose(false)
	_ = listener.Close()
	for _, path := range []string{filepath.Join(directory, "none.sock"), stale} {
		for _, err := range errorsOf(New(path, timeout)) {
			if !errors.Is(err, ErrNoManager) || err.Error() != "no manager listens at "+path {
				t.Errorf("got %v", err)
			}
		}
	}
	long := filepath.Join(directory, strings.Repeat("x", 200))
	for _, err := range errorsOf(New(long, timeout)) {
		if err == nil || !strings.Contains(err.Error(), "too long") || strings.Contains(err.Error(), "http://") {
			t.Errorf("got %v", err)
		}
	}
}

func TestManagerThatDoesNotAnswer(t *testing.T) {
	const short = 50 * time.Millisecond
	gone := make(chan struct{})
	defer close(gone)
	silent := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-gone }), short)
	halting := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("{"))
		_ = http.NewResponseController(w).Flush()
		<-gone
	}), short)
	for _, c := range []*Client{silent, halting} {
		for _, err := range errorsOf(c) {
			if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "did not answer within 50ms") {
				t.Errorf("got %v", err)
			}
		}
	}
	err := silent.Events(context.Background(), 0, true, func(Answer[state.Event]) error { return nil })
	if !errors.Is(err, ErrTimeout) {
		t.Errorf("following: got %v", err)
	}
}

func TestManagerThatEndsMeanwhile(t *testing.T) {
	c := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, _ := http.NewResponseController(w).Hijack()
		_, _ = connection.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"))
		_ = connection.Close()
	}), timeout)
	for _, err := range errorsOf(c) {
		if !errors.Is(err, control.ErrEnded) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAnswerThatIsTooLong(t *testing.T) {
	c := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for part := make([]byte, 1<<20); ; {
			if _, err := w.Write(part); err != nil {
				return
			}
		}
	}), timeout)
	for _, err := range errorsOf(c) {
		if err == nil || !strings.Contains(err.Error(), "too long") {
			t.Errorf("got %v", err)
		}
	}
}

func TestFind(t *testing.T) {
	directory := fake.Directory(t)
	if found, err := Find(context.Background(), timeout); err != nil || len(found) != 0 {
		t.Errorf("without any: %v, %v", found, err)
	}
	first := &fake.Manager{State: fake.State(11)}
	first.Serve(t, filepath.Join(directory, "11.sock"))
	silent := &fake.Manager{Hold: true}
	silent.Serve(t, filepath.Join(directory, "12.sock"))
	ended := (&fake.Manager{}).Serve(t, filepath.Join(directory, "13.sock"))
	ended.Close()
	found, err := Find(context.Background(), 500*time.Millisecond)
	if err != nil || len(found) != 2 || found[0].State.Value.ID != first.State.ID || found[0].Err != nil ||
		found[1].Pid() != 12 || !errors.Is(found[1].Err, ErrTimeout) {
		t.Errorf("got %+v, %v", found, err)
	}
	for _, f := range found {
		f.Close()
	}
}
