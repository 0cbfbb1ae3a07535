package integration

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

// post tells a manager something, and fails the test unless it does as told.
func post(t *testing.T, socket, path, body string) {
	t.Helper()
	client := http.Client{Timeout: connectTimeout, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return net.Dial("unix", socket) },
	}}
	answer, err := client.Post("http://manager/v1"+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		var why struct{ Error string }
		_ = json.NewDecoder(answer.Body).Decode(&why)
		t.Fatalf("%s %s: %s: %s", path, body, answer.Status, why.Error)
	}
}

// What an operator tells a manager between tasks and in the middle of them: no task is lost, and none runs twice.
func TestResumeResizeRestart(t *testing.T) {
	eachRelease(t, func(t *testing.T, r release) {
		c := newCluster(t, r, layout{})
		m, socket := c.controlled(t, fixed("3"))
		awaitSocket(t, m, socket)
		registered := func(count int) func(shown) bool {
			return func(s shown) bool { return s.Phase == "serving" && s.Workers.Registered == count }
		}
		awaitShown(t, socket, "3 workers", registered(3))
		w := c.startTasker(t)
		w.submit(t, "first", "sleep", 2)
		w.running(t, "first")
		post(t, socket, "/drain", "{}")
		awaitShown(t, socket, "drained", func(s shown) bool { return s.Phase == "drained" && s.Workers.Registered == 0 })
		w.value(t, "first")
		w.submit(t, "second", "sleep", 1)
		post(t, socket, "/resume", "")
		awaitShown(t, socket, "3 workers again", registered(3))
		post(t, socket, "/resize", `{"count": 2}`)
		awaitShown(t, socket, "2 workers", registered(2))
		post(t, socket, "/resize", `{"count": 4}`)
		before := awaitShown(t, socket, "4 workers", registered(4))
		w.submit(t, "third", "sleep", 1)
		w.running(t, "third")
		post(t, socket, "/restart", `{"all": true}`)
		old := map[string]bool{}
		for _, member := range before.Members {
			old[member.ID] = true
		}
		awaitShown(t, socket, "4 new workers", func(s shown) bool {
			for _, member := range s.Members {
				if old[member.ID] {
					return false
				}
			}
			return s.Workers.Registered == 4
		})
		w.value(t, "second")
		w.value(t, "third")
		w.checkOnce(t, "first", "second", "third")
		w.leave(t)
		m.end(t, syscall.SIGTERM)
	}, drainReleases...)
}
