package web

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/metrics"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

//go:embed page
var files embed.FS

const (
	typeJSON  = "application/json"
	typeLines = "application/x-ndjson"
)

// routes is what is served to those who may see it.
func routes(l *looks, manager control.Manager) http.Handler {
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // embed has it
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", metrics.Handler(l.state))
	mux.HandleFunc("/healthz", l.health)
	mux.HandleFunc("/readyz", l.ready)
	mux.HandleFunc("/status", l.status)
	mux.HandleFunc("/history", l.past)
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) { events(w, r, manager) })
	mux.HandleFunc("/page/", func(w http.ResponseWriter, r *http.Request) {
		serveFile(w, r, page, r.URL.Path[len("/page/"):])
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { serveFile(w, r, page, "index.html") })
	return mux
}

// types are those of the page's files. The machine's own table of types, which net/http goes by, may say anything.
var types = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// serveFile knows no folders, which http.FileServer would list.
func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	if info, err := fs.Stat(files, name); err != nil || info.IsDir() {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", types[path.Ext(name)])
	http.ServeFileFS(w, r, files, name)
}

func (l *looks) health(w http.ResponseWriter, r *http.Request) {
	if _, err := l.get(r.Context()); err != nil {
		unavailable(w, err.Error())
		return
	}
	fmt.Fprintln(w, "ok")
}

func (l *looks) ready(w http.ResponseWriter, r *http.Request) {
	found, err := l.get(r.Context())
	switch {
	case err != nil:
		unavailable(w, err.Error())
	case found.state.Phase != state.Serving:
		unavailable(w, found.state.Phase+": "+reason(found.state))
	default:
		fmt.Fprintln(w, state.Serving)
	}
}

// reason says why a manager that does not serve does not.
func reason(m state.Manager) string {
	switch m.Phase {
	case state.Starting:
		return "Python imports Scaler"
	case state.Waiting:
		return "no scheduler has been found yet"
	case state.Draining:
		return fmt.Sprintf("no new tasks are taken, %d still run", m.Tasks.Running)
	case state.Drained:
		return "no worker is left until the manager is told to resume"
	default:
		return "the manager ends"
	}
}

func (l *looks) status(w http.ResponseWriter, r *http.Request) {
	found, err := l.get(r.Context())
	if err != nil {
		fail(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	text, err := found.json()
	if err != nil {
		fail(w, http.StatusInternalServerError, err.Error())
		return
	}
	w.Header().Set("Content-Type", typeJSON)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

func (l *looks) past(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", typeJSON)
	_ = json.NewEncoder(w).Encode(l.points())
}

func events(w http.ResponseWriter, r *http.Request, manager control.Manager) {
	var after uint64
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			fail(w, http.StatusBadRequest, fmt.Sprintf("after is not a number: %q", text))
			return
		}
	}
	found, _ := manager.Events(after)
	w.Header().Set("Content-Type", typeLines)
	encoder := json.NewEncoder(w)
	for _, event := range found {
		if encoder.Encode(event) != nil {
			return
		}
	}
}

func unavailable(w http.ResponseWriter, why string) {
	http.Error(w, why, http.StatusServiceUnavailable)
}

func fail(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", typeJSON)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(state.Error{Error: why})
}
