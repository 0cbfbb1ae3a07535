// Package web serves --http-address: metrics, probes, the state as JSON, and a page for people. It is read-only; only
// the control socket, which other users cannot open, can control a manager.
//
//	/          the page; its files are under /page/
//	/metrics   for Prometheus
//	/healthz   200 if the manager answers within a second, else 503
//	/readyz    200 if the manager is serving, else 503 and a line with the reason
//	/status    state.Manager
//	/events    state.Event, one per line; ?after=ID skips those up to ID
//	/history   array of Point, for the plots of the page
package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// Limits on what clients can make the manager spend.
const (
	maxConnections = 100
	maxHeader      = 8 << 10
	readTimeout    = 5 * time.Second
	writeTimeout   = 10 * time.Second
	idleTimeout    = 20 * time.Second // above Prometheus' usual scrape interval (15 s), so that it keeps its connection
)

// Options of a server.
type Options struct {
	Address string // HOST:PORT
	Host    string // the host in Address
	// Loopback requires that Address resolves to a loopback address, and that requests name Host, localhost or a
	// loopback address.
	Loopback bool
	Token    string // that requests must have, unless empty
	// Certificate and Key are PEM files, or empty for plain HTTP.
	Certificate, Key string
	Log              *logging.Logger
}

// Server is a listening server. It accepts requests once Serve is called.
type Server struct {
	options  Options
	listener net.Listener
	tls      *tls.Config
}

// Listen opens the address. It is separate from Serve so that an address in use is reported at startup.
func Listen(o Options) (*Server, error) {
	s := &Server{options: o}
	if o.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(o.Certificate, o.Key)
		if err != nil {
			return nil, fmt.Errorf("cannot use --http-tls-cert %s with --http-tls-key %s: %w", o.Certificate, o.Key, err)
		}
		s.tls = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	listener, err := net.Listen("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on --http-address %s: %w", o.Address, bindError(err))
	}
	if ip := listener.Addr().(*net.TCPAddr).IP; o.Loopback && !ip.IsLoopback() {
		listener.Close()
		return nil, fmt.Errorf("cannot listen on --http-address %s: it resolves to %s, which is not a loopback address",
			o.Address, ip)
	}
	s.listener = newLimitListener(listener, maxConnections)
	return s, nil
}

// bindError drops the operation and the address from an error of net.Listen.
func bindError(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) {
		return operation.Err
	}
	return err
}

// URL returns the URL of the page.
func (s *Server) URL() string {
	scheme := "http"
	if s.tls != nil {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String() + "/"
}

// Close closes a server on which Serve was not called.
func (s *Server) Close() { s.listener.Close() }

// Serve serves a manager until ctx ends.
func (s *Server) Serve(ctx context.Context, manager control.Manager) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	looks := newSnapshots(ctx, manager)
	defer looks.wait()
	server := &http.Server{
		Handler:           s.guard(routes(looks, manager)),
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// Else net/http would answer "OPTIONS *" itself, before the guard.
		DisableGeneralOptionsHandler: true,
		// Not HTTP/2, which has many requests per connection and so would evade maxConnections.
		Protocols:   new(http.Protocols),
		ErrorLog:    log.New(debugLog{s.options.Log}, "", 0),
		BaseContext: func(net.Listener) context.Context { return ctx },
		TLSConfig:   s.tls,
	}
	server.Protocols.SetHTTP1(true)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		server.Close() // not Shutdown, which waits for slow clients
	}()
	var err error
	if s.tls != nil {
		err = server.ServeTLS(s.listener, "", "")
	} else {
		err = server.Serve(s.listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		s.options.Log.Errorf("the server on --http-address %s has stopped: %v", s.options.Address, err)
	}
	end()
	<-ended
}

// debugLog writes the log of net/http, which is about faults of clients, with level debug.
type debugLog struct{ log *logging.Logger }

func (d debugLog) Write(text []byte) (int, error) {
	d.log.Debugf("http: %s", text[:max(len(text)-1, 0)])
	return len(text), nil
}
