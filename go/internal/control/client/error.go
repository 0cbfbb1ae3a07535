package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Errors of a Client, besides those of package control.
var (
	ErrNoManager = errors.New("no manager")
	ErrTimeout   = errors.New("no answer in time")
)

// Error says in one line why a request failed.
type Error struct {
	Kind error // ErrNoManager, ErrTimeout, one of package control's, or nil
	Text string
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.Kind }

// describe turns an error of net/http into one for users.
func (c *Client) describe(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ECONNREFUSED):
		return &Error{ErrNoManager, fmt.Sprintf("no manager listens at %s", c.path)}
	case errors.Is(err, fs.ErrPermission):
		return &Error{nil, fmt.Sprintf("permission denied: only the manager's user and root may use %s", c.path)}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(),
		// A unix socket with a full backlog fails with EAGAIN.
		errors.Is(err, syscall.EAGAIN):
		return &Error{ErrTimeout, fmt.Sprintf("the manager at %s did not answer within %v", c.path, c.timeout)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return &Error{control.ErrEnded, fmt.Sprintf("the manager at %s ended before it had answered", c.path)}
	}
	// Drop the method and the URL, which mean nothing on a socket.
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	return &Error{nil, fmt.Sprintf("cannot reach the manager at %s: %v", c.path, err)}
}

// responseError decodes an error response.
func responseError(response *http.Response) error {
	var answer state.Error
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if json.Unmarshal(text, &answer) != nil || answer.Error == "" {
		return &Error{nil, "the manager does not support this request: it answered " + response.Status}
	}
	e := &Error{Text: strings.Join(strings.Fields(answer.Error), " ")}
	switch response.StatusCode {
	case http.StatusNotFound:
		e.Kind = control.ErrNotFound
	case http.StatusConflict:
		e.Kind = control.ErrRefused
	case http.StatusServiceUnavailable:
		e.Kind = control.ErrEnded
	}
	return e
}
