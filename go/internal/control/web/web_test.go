package web

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

const typeMetrics = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"

func TestRoutes(t *testing.T) {
	s := serve(t, serving(), Options{})
	for _, test := range []struct {
		path, kind, contains string
		status               int
	}{
		{"/", "text/html; charset=utf-8", "<!doctype html>", http.StatusOK},
		{"/page/main.js", "text/javascript; charset=utf-8", "setTimeout", http.StatusOK},
		{"/page/style.css", "text/css; charset=utf-8", "prefers-color-scheme", http.StatusOK},
		{"/page/icon.svg", "image/svg+xml", "<svg", http.StatusOK},
		{"/metrics", typeMetrics, "\nscaler_native_workers_busy 1\n", http.StatusOK},
		{"/healthz", "text/plain; charset=utf-8", "ok\n", http.StatusOK},
		{"/readyz", "text/plain; charset=utf-8", "serving\n", http.StatusOK},
		{"/status", "application/json", `"phase":"serving"`, http.StatusOK},
		{"/history", "application/json", `"busy":1`, http.StatusOK},
		{"/events", "application/x-ndjson", "first", http.StatusOK},
		{"/events?after=1", "application/x-ndjson", "second", http.StatusOK},
		{"/events?after=x", "application/json", `"error"`, http.StatusBadRequest},
		{"/page/", "text/plain; charset=utf-8", "not found", http.StatusNotFound},
		{"/page/missing.js", "text/plain; charset=utf-8", "not found", http.StatusNotFound},
		{"/page/index.html/..%2f..%2fweb.go", "text/plain; charset=utf-8", "not found", http.StatusNotFound},
		{"/stop", "text/plain; charset=utf-8", "not found", http.StatusNotFound},
		{"/v1/stop", "text/plain; charset=utf-8", "not found", http.StatusNotFound},
	} {
		get(t, s, "/status") // adds a point to the history
		a := get(t, s, test.path)
		if a.status != test.status || !strings.Contains(a.body, test.contains) ||
			a.header.Get("Content-Type") != test.kind {
			t.Errorf("%s: %s, %s", test.path, a, a.header.Get("Content-Type"))
		}
		if !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") ||
			a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: header %v", test.path, a.header)
		}
	}
	if a := get(t, s, "/events?after=1"); strings.Contains(a.body, "first") || strings.Count(a.body, "\n") != 1 {
		t.Errorf("later events: %s", a)
	}
	var read state.Manager
	if err := json.Unmarshal([]byte(get(t, s, "/status").body), &read); err != nil || read.Workers.Registered != 2 {
		t.Errorf("the state is %+v, %v", read, err)
	}
}

// No request changes anything: the fake would panic.
func TestOnlyShows(t *testing.T) {
	s := serve(t, serving(), Options{})
	for _, method := range []string{"POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"} {
		for _, path := range []string{"/", "/status", "/drain", "/v1/stop"} {
			a := ask(t, s, method, path)
			if a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %s", method, path, a)
			}
		}
	}
	if a := ask(t, s, http.MethodHead, "/status"); a.status != http.StatusOK || a.body != "" {
		t.Errorf("HEAD: %s", a)
	}
}

// A body is refused before any of it arrives.
func TestBodyIsNotRead(t *testing.T) {
	s := serve(t, serving(), Options{})
	for _, length := range []string{"Content-Length: 1000000000", "Transfer-Encoding: chunked"} {
		connection, err := net.Dial("tcp", s.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer connection.Close()
		fmt.Fprintf(connection, "GET /status HTTP/1.1\r\nHost: localhost\r\n%s\r\nExpect: 100-continue\r\n\r\n", length)
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusRequestEntityTooLarge || !response.Close {
			t.Errorf("%s: %s", length, response.Status)
		}
	}
}

// A header that is too large is not read to its end.
func TestLargeHeader(t *testing.T) {
	s := serve(t, serving(), Options{})
	connection, err := net.Dial("tcp", s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection, "GET /status HTTP/1.1\r\nHost: localhost\r\nX: ")
	for err == nil { // until the server has closed the connection
		_, err = connection.Write(make([]byte, 64<<10))
	}
	if a := get(t, s, "/status"); a.status != http.StatusOK {
		t.Errorf("afterwards: %s", a)
	}
}

func TestProbes(t *testing.T) {
	for _, test := range []struct {
		phase, line string
		ready       int
	}{
		{state.Starting, "starting: the worker host is importing Scaler\n", http.StatusServiceUnavailable},
		{state.Waiting, "waiting: not connected to a scheduler yet\n", http.StatusServiceUnavailable},
		{state.Serving, "serving\n", http.StatusOK},
		{state.Draining, "draining: accepts no tasks, 3 still running\n", http.StatusServiceUnavailable},
		{state.Drained, "drained: all workers have ended; waiting for a resume\n", http.StatusServiceUnavailable},
		{state.Stopping, "stopping: the manager is ending\n", http.StatusServiceUnavailable},
	} {
		f := serving()
		f.state.Phase, f.state.Tasks.Running = test.phase, 3
		s := serve(t, f, Options{})
		if a := get(t, s, "/readyz"); a.status != test.ready || a.body != test.line {
			t.Errorf("%s: %s", test.phase, a)
		}
		if a := get(t, s, "/healthz"); a.status != http.StatusOK {
			t.Errorf("%s: %s", test.phase, a)
		}
	}
}

func TestManagerFails(t *testing.T) {
	f := serving()
	f.err = errors.New("the manager has ended")
	s := serve(t, f, Options{})
	for _, path := range []string{"/healthz", "/readyz", "/status"} {
		a := get(t, s, path)
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "the manager has ended") {
			t.Errorf("%s: %s", path, a)
		}
	}
	if a := get(t, s, "/metrics"); a.status != http.StatusInternalServerError {
		t.Errorf("metrics: %s", a)
	}
	if a := get(t, s, "/"); a.status != http.StatusOK {
		t.Errorf("the page: %s", a)
	}
}

// A hung manager is reported in time, and Serve returns once Status does.
func TestManagerHangs(t *testing.T) {
	f := serving()
	f.hangs = make(chan struct{})
	s := serve(t, f, Options{})
	t.Cleanup(func() { close(f.hangs) })
	for range 2 {
		if a := get(t, s, "/healthz"); a.status != http.StatusServiceUnavailable || a.body != errNoAnswer.Error()+"\n" {
			t.Errorf("got %s", a)
		}
	}
	if asked := f.count(); asked != 1 {
		t.Errorf("a hung manager was asked %d times", asked)
	}
}

func TestListen(t *testing.T) {
	first, err := Listen(Options{Address: "127.0.0.1:0", Loopback: true})
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	address := first.listener.Addr().String()
	if first.URL() != "http://"+address+"/" || strings.HasSuffix(address, ":0") {
		t.Errorf("it is at %s", first.URL())
	}
	const prefix = "cannot listen on --http-address "
	for _, test := range []struct {
		options      Options
		begins, ends string
	}{
		{Options{Address: address}, prefix + address + ": ", "bind: address already in use"},
		{Options{Address: "0.0.0.0:0", Loopback: true}, prefix + "0.0.0.0:0: it resolves to ",
			", which is not a loopback address"},
		{Options{Address: "127.0.0.1:0", Certificate: "/missing", Key: "/missing"},
			"cannot use --http-tls-cert /missing with --http-tls-key /missing: ", "no such file or directory"},
	} {
		s, err := Listen(test.options)
		if err == nil {
			s.Close()
			t.Errorf("%+v can be listened at", test.options)
			continue
		}
		if text := err.Error(); !strings.HasPrefix(text, test.begins) || !strings.HasSuffix(text, test.ends) {
			t.Errorf("got %s", text)
		}
	}
}
