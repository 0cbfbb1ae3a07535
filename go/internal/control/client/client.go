// Package client finds the worker managers of this host and sends them requests of the control API.
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

// maxAnswer is the longest response in bytes. The status of a thousand workers is 1 MB.
const maxAnswer = 64 << 20

// Client sends requests to one manager. Its methods are safe for concurrent use.
type Client struct {
	path    string
	timeout time.Duration
	http    http.Client
	peer    atomic.Int64
}

// Answer is a decoded response, and its JSON with the fields that this version does not know.
type Answer[T any] struct {
	Value T
	Text  json.RawMessage
}

// New makes a client of the manager that listens at path. Each request must be answered within the timeout.
func New(path string, timeout time.Duration) *Client {
	c := &Client{path: path, timeout: timeout}
	c.http.Transport = &http.Transport{DialContext: c.dial, ResponseHeaderTimeout: timeout, DisableCompression: true}
	return c
}

// Path returns the path of the control socket.
func (c *Client) Path() string { return c.path }

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func (c *Client) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if err := directory.CheckLength(c.path); err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: c.timeout}
	connection, err := dialer.DialContext(ctx, "unix", c.path)
	if err == nil {
		known, _ := peer.Of(connection.(*net.UnixConn)) // pid 0 on error: unknown
		c.peer.Store(int64(known.Pid))
	}
	return connection, err
}

// Peer returns the manager's pid in this process's pid namespace, or 0 if it is unknown. The pid that the manager
// reports is another one if it runs in a container.
func (c *Client) Peer() int { return int(c.peer.Load()) }

// open sends a request and returns the body of a 2xx response.
func (c *Client) open(ctx context.Context, method, path string, query url.Values, body any) (io.ReadCloser, error) {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	// HTTP needs a host name; the socket decides who answers.
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
		return nil, c.describe(err)
	}
	if response.StatusCode/100 != 2 {
		defer response.Body.Close()
		return nil, responseError(response)
	}
	return response.Body, nil
}

// request sends a request and decodes the response into value.
func (c *Client) request(
	ctx context.Context, method, path string, query url.Values, body, value any,
) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	content, err := c.open(ctx, method, path, query, body)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	text, err := io.ReadAll(io.LimitReader(content, maxAnswer+1))
	switch {
	case err != nil:
		return nil, c.describe(err)
	case len(text) > maxAnswer:
		return nil, c.invalidAnswer(errors.New("it is too long"))
	}
	if err := json.Unmarshal(text, value); err != nil {
		return nil, c.invalidAnswer(err)
	}
	return text, nil
}

func (c *Client) invalidAnswer(err error) error {
	return &Error{Text: fmt.Sprintf("invalid answer from the manager at %s: %v", c.path, err)}
}
