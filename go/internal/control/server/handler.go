package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Handler serves version 1 of the API.
func Handler(manager control.Manager) http.Handler {
	h := handler{manager: manager, followers: make(chan struct{}, maxFollowers)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/status", h.status)
	mux.HandleFunc("GET /v1/events", h.events)
	mux.HandleFunc("GET /v1/workers/{worker}/stacks", h.stacks)
	mux.HandleFunc("GET /v1/workers/{worker}/logs", h.logs)
	mux.HandleFunc("POST /v1/drain", decoded(h, manager.Drain))
	mux.HandleFunc("POST /v1/resize", decoded(h, resize(manager)))
	mux.HandleFunc("POST /v1/restart", decoded(h, manager.Restart))
	mux.HandleFunc("POST /v1/resume", h.act(manager.Resume))
	mux.HandleFunc("POST /v1/stop", h.act(manager.Stop))
	return mux
}

var errNoCount = errors.New("count is missing")

type handler struct {
	manager   control.Manager
	followers chan struct{} // has an element for each client that follows events
}

func (h handler) status(w http.ResponseWriter, r *http.Request) {
	known, err := h.manager.Status(r.Context(), r.FormValue("memory") == "pss")
	respond(w, known, err)
}

// events streams events as lines of JSON.
func (h handler) events(w http.ResponseWriter, r *http.Request) {
	var after uint64
	if text := r.FormValue("after"); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			fail(w, http.StatusBadRequest, "after must be the id of an event, a whole number")
			return
		}
	}
	follow := r.FormValue("follow") == "1"
	if follow {
		select {
		case h.followers <- struct{}{}:
			defer func() { <-h.followers }()
		default:
			w.Header().Set("Connection", "close") // an idle connection would take a place too
			fail(w, http.StatusTooManyRequests, fmt.Sprintf("%d clients follow the events already", maxFollowers))
			return
		}
		// A follower may pause for as long as it likes.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
	}
	w.Header().Set("Content-Type", "application/jsonl")
	lines := json.NewEncoder(w)
	for {
		events, more := h.manager.Events(after)
		for _, event := range events {
			if lines.Encode(event) != nil {
				return
			}
			after = event.ID
		}
		if !follow || http.NewResponseController(w).Flush() != nil {
			return
		}
		select {
		case <-more:
		case <-r.Context().Done():
			return
		}
	}
}

func (h handler) stacks(w http.ResponseWriter, r *http.Request) {
	found, err := h.manager.Stacks(r.Context(), r.PathValue("worker"))
	respond(w, found, err)
}

func (h handler) logs(w http.ResponseWriter, r *http.Request) {
	found, err := h.manager.Logs(r.PathValue("worker"))
	if err != nil {
		respond(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/jsonl")
	lines := json.NewEncoder(w)
	for _, line := range found {
		if lines.Encode(line) != nil {
			return
		}
	}
}

// decoded decodes the JSON of a request, and calls a method of the manager with it.
func decoded[Request any](h handler, method func(Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var request Request
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&request); err != nil && !errors.Is(err, io.EOF) {
			fail(w, http.StatusBadRequest, "invalid request: "+err.Error())
			return
		}
		h.act(func() error { return method(request) })(w, r)
	}
}

// resize requires a count: one that was forgotten must not mean no workers.
func resize(manager control.Manager) func(struct{ Count *int }) error {
	return func(request struct{ Count *int }) error {
		if request.Count == nil {
			return errNoCount
		}
		return manager.Resize(state.Resize{Count: *request.Count})
	}
}

// act calls a method of the manager and responds with the state after it.
func (h handler) act(what func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := what(); err != nil {
			respond(w, nil, err)
			return
		}
		known, err := h.manager.Status(r.Context(), false)
		respond(w, known, err)
	}
}

func respond(w http.ResponseWriter, answer any, err error) {
	switch {
	case errors.Is(err, control.ErrNotFound):
		fail(w, http.StatusNotFound, err.Error())
	case errors.Is(err, control.ErrRefused):
		fail(w, http.StatusConflict, err.Error())
	case errors.Is(err, control.ErrEnded):
		fail(w, http.StatusServiceUnavailable, err.Error())
	case errors.Is(err, errNoCount):
		fail(w, http.StatusBadRequest, err.Error())
	case err != nil:
		fail(w, http.StatusInternalServerError, err.Error())
	default:
		write(w, http.StatusOK, answer)
	}
}

func fail(w http.ResponseWriter, status int, text string) { write(w, status, state.Error{Error: text}) }

func write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // fails only if the client has left
}
