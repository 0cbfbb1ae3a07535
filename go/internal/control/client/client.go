// Package client finds the worker managers of this host and asks one, over HTTP on its control socket.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/directory"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/peer"
)

// most is how long an answer may be: a thousand workers take 1 MB.
const most = 64 << 20

// Client asks one manager. Its methods may be called from any goroutine.
type Client struct {
	path     string
	patience time.Duration
	http     http.Client
	peer     atomic.Int64
}

// Answer is what a manager says: word for word, and as far as this program knows it.
type Answer[T any] struct {
	Value T
	Text  json.RawMessage
}

// New is for the manager with a control socket. It waits for an answer as long as it has patience.
func New(path string, patience time.Duration) *Client {
	c := &Client{path: path, patience: patience}
	c.http.Transport = &http.Transport{DialContext: c.dial, ResponseHeaderTimeout: patience, DisableCompression: true}
	return c
}

// Path is that of the socket.
func (c *Client) Path() string { return c.path }

// Close closes the connections that are kept for the next question.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := directory.CheckLength(c.path); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: c.patience}
	connection, err := dialer.DialContext(ctx, "unix", c.path)
	if err == nil {
		known, _ := peer.Of(connection.(*net.UnixConn)) // 0 stands for one that is not known
		c.peer.Store(int64(known.Pid))
	}
	return connection, err
}

// Peer is the pid of the process that was asked last, as this process sees it, or 0: the manager's own number for itself
// is another one where it runs in a container.
func (c *Client) Peer() int { return int(c.peer.Load()) }

// open asks, and returns the body of an answer that is no error.
func (c *Client) open(ctx context.Context, method, path string, query url.Values, body any) (io.ReadCloser, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	// The host means nothing: the socket is the manager's.
	target := fmt.Sprintf("http://manager/v%d%s", state.Version, path)
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, method, target, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, c.explain(err)
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		return nil, refusal(response)
	}
	return response.Body, nil
}

// read asks for one value.
func (c *Client) read(ctx context.Context, method, path string, query url.Values, body, value any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	content, err := c.open(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, most+1))
	switch {
	case err != nil:
		return nil, c.explain(err)
	case len(text) > most:
		return nil, c.unreadable(errors.New("it is too long"))
	}
	if err := json.Unmarshal(text, value); err != nil {
		return nil, c.unreadable(err)
	}
	return text, nil
}

func (c *Client) unreadable(err error) error {
	return &Error{Text: fmt.Sprintf("cannot read the answer of the manager at %s: %v", c.path, err)}
}
