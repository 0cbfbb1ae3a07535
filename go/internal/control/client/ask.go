package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// maxLine is the longest line of a streamed response, in bytes.
const maxLine = 16 << 20

// Status returns the state of the manager. If proportional, memory is PSS, which takes some milliseconds per worker.
func (c *Client) Status(ctx context.Context, proportional bool) (answer Answer[state.Manager], err error) {
	var query url.Values
	if proportional {
		query = url.Values{"memory": {"pss"}}
	}
	answer.Text, err = c.request(ctx, http.MethodGet, "/status", query, nil, &answer.Value)
	return answer, err
}

// Events calls take with each event after an ID, oldest first. If follow, it then waits for further ones until the
// manager ends, and returns nil. An error of take ends it too, and is returned.
func (c *Client) Events(ctx context.Context, after uint64, follow bool, take func(Answer[state.Event]) error) error {
	query := url.Values{"after": {strconv.FormatUint(after, 10)}}
	if follow {
		query.Set("follow", "1")
	}
	return readLines(ctx, c, "/events", query, follow, take)
}

// Logs returns the last log lines about a worker, oldest first.
func (c *Client) Logs(ctx context.Context, worker string) (list []Answer[state.Line], err error) {
	err = readLines(ctx, c, "/workers/"+url.PathEscape(worker)+"/logs", nil, false, func(line Answer[state.Line]) error {
		list = append(list, line)
		return nil
	})
	return list, err
}

// Stacks returns the Python stacks of a worker's processors.
func (c *Client) Stacks(ctx context.Context, worker string) (answer Answer[state.Stacks], err error) {
	path := "/workers/" + url.PathEscape(worker) + "/stacks"
	answer.Text, err = c.request(ctx, http.MethodGet, path, nil, nil, &answer.Value)
	return answer, err
}

// Drain tells the manager to accept no more tasks.
func (c *Client) Drain(ctx context.Context, drain state.Drain) (Answer[state.Manager], error) {
	return c.post(ctx, "/drain", drain)
}

// Resume tells a draining or drained manager to accept tasks again.
func (c *Client) Resume(ctx context.Context) (Answer[state.Manager], error) {
	return c.post(ctx, "/resume", nil)
}

// Resize changes the number of workers.
func (c *Client) Resize(ctx context.Context, resize state.Resize) (Answer[state.Manager], error) {
	return c.post(ctx, "/resize", resize)
}

// Restart tells the manager to replace workers.
func (c *Client) Restart(ctx context.Context, restart state.Restart) (Answer[state.Manager], error) {
	return c.post(ctx, "/restart", restart)
}

// Stop tells the manager to end, as SIGTERM does.
func (c *Client) Stop(ctx context.Context) (Answer[state.Manager], error) {
	return c.post(ctx, "/stop", nil)
}

func (c *Client) post(ctx context.Context, path string, body any) (answer Answer[state.Manager], err error) {
	answer.Text, err = c.request(ctx, http.MethodPost, path, nil, body, &answer.Value)
	return answer, err
}

// readLines requests JSON values, one per line, and calls take with each.
func readLines[T any](
	ctx context.Context, c *Client, path string, query url.Values, follow bool, take func(Answer[T]) error,
) error {
	if !follow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeout)
		defer cancel()
	}
	content, err := c.open(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer content.Close()
	scanner := bufio.NewScanner(content)
	scanner.Buffer(nil, maxLine)
	for scanner.Scan() {
		text := bytes.TrimSpace(scanner.Bytes())
		if len(text) == 0 {
			continue
		}
		answer := Answer[T]{Text: slices.Clone(text)}
		if err := json.Unmarshal(text, &answer.Value); err != nil {
			if scanner.Err() != nil { // the connection broke within a line
				break
			}
			return c.invalidAnswer(err)
		}
		if err := take(answer); err != nil {
			return err
		}
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return c.invalidAnswer(err)
	} else if err != nil {
		err = c.describe(err)
		if follow && errors.Is(err, control.ErrEnded) {
			return nil
		}
		return err
	}
	return nil
}
