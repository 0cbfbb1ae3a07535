// Package server serves the control API of a manager on its control socket.
package server

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control"
)

const (
	headerTimeout = 5 * time.Second // to receive the header of a request, and twice that for all of it
	writeTimeout  = time.Minute     // for a response; long, because stacks and PSS may take seconds
	idleTimeout   = 5 * time.Second // between two requests; short, because idle connections keep others waiting
	maxHeader     = 8 << 10         // bytes
	maxBody       = 64 << 10        // bytes
)

// discardLog drops the log of net/http: faults of clients are no concern of the manager's user.
var discardLog = log.New(io.Discard, "", 0)

// Serve serves the API on a listener until ctx ends, then closes it and waits for handlers that still run.
func Serve(ctx context.Context, listener net.Listener, manager control.Manager) error {
	var requests sync.WaitGroup
	defer requests.Wait()
	handler := Handler(manager)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			defer requests.Done()
			handler.ServeHTTP(w, r)
		}),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       2 * headerTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// Else net/http would answer "OPTIONS *" itself.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     discardLog,
		BaseContext:                  func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
