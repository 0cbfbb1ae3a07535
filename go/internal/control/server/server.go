// Package server answers on the control socket for a manager: the paths that package control tells of.
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
	// headerTime is how long a client may take to say what it wants, and idleTime until it wants something again.
	headerTime = 5 * time.Second
	idleTime   = 30 * time.Second
	// maxHeader and maxBody bound a request, in bytes.
	maxHeader = 8 << 10
	maxBody   = 64 << 10
)

// discard is the log of net/http: a client that breaks off or says rubbish is told, and is nobody else's concern.
var discard = log.New(io.Discard, "", 0)

// Serve answers the connections of a listener until ctx ends, and closes it. Nothing of a request goes on afterwards.
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
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       2 * headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          discard,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
