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

// routes serves the paths. Access is checked before.
func routes(s *snapshots, manager control.Manager) http.Handler {
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // cannot happen: page is embedded
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", metrics.Handler(s.state))
	mux.HandleFunc("/healthz", s.health)
	mux.HandleFunc("/readyz", s.ready)
	mux.HandleFunc("/status", s.status)
	mux.HandleFunc("/history", s.historyJSON)
	mux.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) { events(w, r, manager) })
	mux.HandleFunc("/page/", func(w http.ResponseWriter, r *http.Request) {
		serveFile(w, r, page, r.URL.Path[len("/page/"):])
	})
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { serveFile(w, r, page, "index.html") })
	return mux
}

// contentTypes are the content types of the page's files. net/http would use the machine's table, which may be wrong.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// serveFile serves one file. Unlike http.FileServer it lists no directories.
func serveFile(w http.ResponseWriter, r *http.Request, files fs.FS, name string) {
	if info, err := fs.Stat(files, name); err != nil || info.IsDir() {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
	http.ServeFileFS(w, r, files, name)
}

func (s *snapshots) health(w http.ResponseWriter, r *http.Request) {
	if _, err := s.get(r.Context()); err != nil {
		unavailable(w, err.Error())
		return
	}
	fmt.Fprintln(w, "ok")
}

func (s *snapshots) ready(w http.ResponseWriter, r *http.Request) {
	found, err := s.get(r.Context())
	switch {
	case err != nil:
		unavailable(w, err.Error())
	case found.state.Phase != state.Serving:
		unavailable(w, found.state.Phase+": "+phaseReason(found.state))
	default:
		fmt.Fprintln(w, state.Serving)
	}
}

// phaseReason says why a manager is not serving.
func phaseReason(m state.Manager) string {
	switch m.Phase {
	case state.Starting:
		return "the worker host is importing Scaler"
	case state.Waiting:
		return "not connected to a scheduler yet"
	case state.Draining:
		return fmt.Sprintf("accepts no tasks, %d still running", m.Tasks.Running)
	case state.Drained:
		return "all workers have ended; waiting for a resume"
	default:
		return "the manager is ending"
	}
}

func (s *snapshots) status(w http.ResponseWriter, r *http.Request) {
	found, err := s.get(r.Context())
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

func (s *snapshots) historyJSON(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", typeJSON)
	_ = json.NewEncoder(w).Encode(s.points())
}

func events(w http.ResponseWriter, r *http.Request, manager control.Manager) {
	var after uint64
	if text := r.URL.Query().Get("after"); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			fail(w, http.StatusBadRequest, fmt.Sprintf("after must be the id of an event, not %q", text))
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
