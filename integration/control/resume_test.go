package control

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// post sends a command to a manager and fails the test unless it is accepted.
func post(t *testing.T, socket, path, body string) {
	t.Helper()
	client := http.Client{Timeout: cluster.ConnectTimeout, Transport: &http.Transport{
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

// Commands between tasks and in the middle of tasks: no task is lost, and none runs twice.
func TestResumeResizeRestart(t *testing.T) {
	cluster.EachRelease(t, func(t *testing.T, r cluster.Release) {
		c := cluster.New(t, r, cluster.Layout{})
		m, socket := controlled(t, c, cluster.Fixed("3"))
		awaitSocket(t, m, socket)
		registered := func(count int) func(shown) bool {
			return func(s shown) bool { return s.Phase == "serving" && s.Workers.Registered == count }
		}
		awaitShown(t, socket, "3 workers", registered(3))
		w := c.StartTasker(t)
		w.Submit(t, "first", "sleep", 2)
		w.Running(t, "first")
		post(t, socket, "/drain", "{}")
		awaitShown(t, socket, "drained", func(s shown) bool { return s.Phase == "drained" && s.Workers.Registered == 0 })
		w.Value(t, "first")
		w.Submit(t, "second", "sleep", 1)
		post(t, socket, "/resume", "")
		awaitShown(t, socket, "3 workers again", registered(3))
		post(t, socket, "/resize", `{"count": 2}`)
		awaitShown(t, socket, "2 workers", registered(2))
		post(t, socket, "/resize", `{"count": 4}`)
		before := awaitShown(t, socket, "4 workers", registered(4))
		w.Submit(t, "third", "sleep", 1)
		w.Running(t, "third")
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
		w.Value(t, "second")
		w.Value(t, "third")
		w.CheckOnce(t, "first", "second", "third")
		w.Leave(t)
		m.End(t, syscall.SIGTERM)
	}, cluster.EachGeneration...)
}
