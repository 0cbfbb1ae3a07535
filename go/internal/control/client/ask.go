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

// longestLine is how long a line of an answer may be.
const longestLine = 16 << 20

// Status asks for the state of the manager; with proportional, memory is PSS.
func (c *Client) Status(ctx context.Context, proportional bool) (answer Answer[state.Manager], err error) {
	var query url.Values
	if proportional {
		query = url.Values{"memory": {"pss"}}
	}
	answer.Text, err = c.read(ctx, http.MethodGet, "/status", query, nil, &answer.Value)
	return answer, err
}

// Events gives the events that are later than one, the oldest first, and goes on with what happens then if it is to
// follow. It ends with the error that take returns, without one when the manager ends.
func (c *Client) Events(ctx context.Context, after uint64, follow bool, take func(Answer[state.Event]) error) error {
	query := url.Values{"after": {strconv.FormatUint(after, 10)}}
	if follow {
		query.Set("follow", "1")
	}
	return lines(ctx, c, "/events", query, follow, take)
}

// Logs are the last lines of the manager's log about a worker, the oldest first.
func (c *Client) Logs(ctx context.Context, worker string) (list []Answer[state.Line], err error) {
	err = lines(ctx, c, "/workers/"+url.PathEscape(worker)+"/logs", nil, false, func(line Answer[state.Line]) error {
		list = append(list, line)
		return nil
	})
	return list, err
}

// Stacks are the Python stacks of a worker.
func (c *Client) Stacks(ctx context.Context, worker string) (answer Answer[state.Stacks], err error) {
	answer.Text, err = c.read(ctx, http.MethodGet, "/workers/"+url.PathEscape(worker)+"/stacks", nil, nil, &answer.Value)
	return answer, err
}

// Drain tells the manager to take no new tasks.
func (c *Client) Drain(ctx context.Context, drain state.Drain) (Answer[state.Manager], error) {
	return c.tell(ctx, "/drain", drain)
}

// Resume tells a manager that drains, or has drained, to take tasks again.
func (c *Client) Resume(ctx context.Context) (Answer[state.Manager], error) {
	return c.tell(ctx, "/resume", nil)
}

// Resize tells the manager how many workers it may have.
func (c *Client) Resize(ctx context.Context, resize state.Resize) (Answer[state.Manager], error) {
	return c.tell(ctx, "/resize", resize)
}

// Restart tells the manager to have new workers in the place of old ones.
func (c *Client) Restart(ctx context.Context, restart state.Restart) (Answer[state.Manager], error) {
	return c.tell(ctx, "/restart", restart)
}

// Stop tells the manager to end, as a signal does.
func (c *Client) Stop(ctx context.Context) (Answer[state.Manager], error) {
	return c.tell(ctx, "/stop", nil)
}

func (c *Client) tell(ctx context.Context, path string, body any) (answer Answer[state.Manager], err error) {
	answer.Text, err = c.read(ctx, http.MethodPost, path, nil, body, &answer.Value)
	return answer, err
}

// lines asks for values of which each has a line.
func lines[T any](ctx context.Context, c *Client, path string, query url.Values, follow bool, take func(Answer[T]) error) error {
	if !follow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.patience)
		defer cancel()
	}
	content, err := c.open(ctx, http.MethodGet, path, query, nil)
	if err != nil {
		return err
	}
	defer content.Close()
	scanner := bufio.NewScanner(content)
	scanner.Buffer(nil, longestLine)
	for scanner.Scan() {
		text := bytes.TrimSpace(scanner.Bytes())
		if len(text) == 0 {
			continue
		}
		answer := Answer[T]{Text: slices.Clone(text)}
		if err := json.Unmarshal(text, &answer.Value); err != nil {
			if scanner.Err() != nil { // half a line
				break
			}
			return c.unreadable(err)
		}
		if err := take(answer); err != nil {
			return err
		}
	}
	if err := scanner.Err(); errors.Is(err, bufio.ErrTooLong) {
		return c.unreadable(err)
	} else if err != nil {
		err = c.explain(err)
		if follow && errors.Is(err, control.ErrEnded) {
			return nil
		}
		return err
	}
	return nil
}
