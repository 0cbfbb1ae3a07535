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

// Why there is no answer, beside the errors of package control.
var (
	ErrNoManager = errors.New("no manager")
	ErrTimeout   = errors.New("no answer in time")
)

// Error is why a manager has not done what it was asked, as one line.
type Error struct {
	Kind error // ErrNoManager, ErrTimeout, one of package control's, or nil
	Text string
}

func (e *Error) Error() string { return e.Text }
func (e *Error) Unwrap() error { return e.Kind }

// explain says in our words why a question has come to nothing.
func (c *Client) explain(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ECONNREFUSED):
		return &Error{ErrNoManager, fmt.Sprintf("no manager listens at %s", c.path)}
	case errors.Is(err, fs.ErrPermission):
		return &Error{nil, fmt.Sprintf("%s may be used by the manager's user and by root only", c.path)}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout(),
		// The kernel's word for a queue of connections that nobody takes.
		errors.Is(err, syscall.EAGAIN):
		return &Error{ErrTimeout, fmt.Sprintf("the manager at %s does not answer within %v", c.path, c.patience)}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return &Error{control.ErrEnded, fmt.Sprintf("the manager at %s ended before its answer did", c.path)}
	}
	// Without the method and the address of a request, which mean nothing on a socket.
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		err = cause
	}
	return &Error{nil, fmt.Sprintf("cannot ask the manager at %s: %v", c.path, err)}
}

// refusal is the error that a manager has answered with.
func refusal(response *http.Response) error {
	var answer state.Error
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<16))
	if json.Unmarshal(text, &answer) != nil || answer.Error == "" {
		return &Error{nil, "the manager does not know this request: it answers " + response.Status}
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
