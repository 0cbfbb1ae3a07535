// Package web shows a worker manager over HTTP at an address of the user's choice: metrics, probes, its state as JSON
// and a page for people. It only shows: what steers a manager is its control socket, which no other user can open.
//
//	/          the page, with what it needs under /page/
//	/metrics   for Prometheus
//	/healthz   200 if the manager answers within a second, else 503
//	/readyz    200 if it serves, else 503 with one line that says why
//	/status    state.Manager
//	/events    state.Event, one a line; ?after=ID only later ones
//	/history   Point, an array: what the plots of the page begin with
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

// Limits of what others can make the manager spend.
const (
	maxConnections = 100
	maxHeader      = 8 << 10
	readTimeout    = 5 * time.Second
	writeTimeout   = 10 * time.Second
	idleTimeout    = 20 * time.Second // longer than a common interval of scrapes (15 s), so that each need not connect anew
)

// Options of a server.
type Options struct {
	Address string // HOST:PORT
	// Host is that of Address, which requests may name beside those of the loopback interface.
	Host string
	// Loopback has requests refused that name another host, and the address too if it turns out to be none.
	Loopback bool
	Token    string // that requests have to bring; may be empty
	// Certificate and Key are files, empty without TLS.
	Certificate, Key string
	Log              *logging.Logger
}

// Server listens, and serves when it is told to.
type Server struct {
	options  Options
	listener net.Listener
	tls      *tls.Config
}

// Listen opens the address, so that one that is in use is known at once.
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
		return nil, fmt.Errorf("cannot listen at --http-address %s: %w", o.Address, cause(err))
	}
	if ip := listener.Addr().(*net.TCPAddr).IP; o.Loopback && !ip.IsLoopback() {
		listener.Close()
		return nil, fmt.Errorf("cannot listen at --http-address %s: it stands for %s, which is not loopback", o.Address, ip)
	}
	s.listener = newLimit(listener, maxConnections)
	return s, nil
}

// cause leaves out that it was to listen, and where.
func cause(err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) {
		return operation.Err
	}
	return err
}

// URL is where the page is.
func (s *Server) URL() string {
	scheme := "http"
	if s.tls != nil {
		scheme = "https"
	}
	return scheme + "://" + s.listener.Addr().String() + "/"
}

// Close is for a server that never served.
func (s *Server) Close() { s.listener.Close() }

// Serve shows a manager until ctx ends.
func (s *Server) Serve(ctx context.Context, manager control.Manager) {
	ctx, end := context.WithCancel(ctx)
	defer end()
	looks := newLooks(ctx, manager)
	defer looks.wait()
	server := &http.Server{
		Handler:           s.guard(routes(looks, manager)),
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		Protocols:         new(http.Protocols), // HTTP/2 has many requests in one connection, past the limit
		ErrorLog:          log.New(debug{s.options.Log}, "", 0),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		TLSConfig:         s.tls,
	}
	server.Protocols.SetHTTP1(true)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		server.Close() // an answer that is on its way is of a manager that has ended
	}()
	var err error
	if s.tls != nil {
		err = server.ServeTLS(s.listener, "", "")
	} else {
		err = server.Serve(s.listener)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		s.options.Log.Errorf("nothing is served at --http-address %s any more: %v", s.options.Address, err)
	}
	end()
	<-ended
}

// debug logs what net/http says of its clients, which are free to do wrong.
type debug struct{ log *logging.Logger }

func (d debug) Write(text []byte) (int, error) {
	d.log.Debugf("http: %s", text[:max(len(text)-1, 0)])
	return len(text), nil
}
