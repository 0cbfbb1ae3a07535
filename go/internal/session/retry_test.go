package session

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"
)

func TestRetry(t *testing.T) {
	failed := errors.New("failed")
	type attempt struct {
		connected time.Duration
		err       error
	}
	tests := []struct {
		name     string
		limit    time.Duration
		attempts []attempt // the last one again and again
		want     error
		least    int
		most     int
	}{
		{"success", time.Hour, []attempt{{0, nil}}, nil, 1, 1},
		{"success after a failure", time.Hour, []attempt{{0, failed}, {0, nil}}, nil, 2, 2},
		{"incompatible", time.Hour, []attempt{{0, failed}, {0, ErrIncompatible}}, ErrIncompatible, 2, 2},
		{"never there", 200 * time.Millisecond, []attempt{{0, failed}}, ErrUnreachable, 2, 6},
		{"never there for long", 200 * time.Millisecond, []attempt{{time.Second, failed}}, ErrUnreachable, 2, 6},
		{
			"there for a while in between", 200 * time.Millisecond,
			[]attempt{
				{0, failed}, {time.Hour, failed}, {time.Hour, failed}, {time.Hour, failed}, {time.Hour, failed}, {0, failed},
			},
			ErrUnreachable, 7, 12,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			made := 0
			err := Retry(context.Background(), newJournal(t).log, test.limit, func(context.Context) (time.Duration, error) {
				v := test.attempts[min(made, len(test.attempts)-1)]
				made++
				return v.connected, v.err
			})
			if !errors.Is(err, test.want) || made < test.least || made > test.most {
				t.Errorf("%v after %d attempts, want %v after %d to %d", err, made, test.want, test.least, test.most)
			}
			if test.want == ErrUnreachable && !errors.Is(err, failed) {
				t.Errorf("%v lacks the cause", err)
			}
		})
	}
}

func TestRetryLogsAChangeOfReason(t *testing.T) {
	j := newJournal(t)
	reasons := []error{io.EOF, io.EOF, io.ErrUnexpectedEOF, io.ErrUnexpectedEOF, nil}
	if err := Retry(context.Background(), j.log, 0, func(context.Context) (time.Duration, error) {
		err := reasons[0]
		reasons = reasons[1:]
		return 0, err
	}); err != nil {
		t.Error(err)
	}
	j.await("WARNING EOF; trying again")
	j.await("WARNING unexpected EOF; trying again")
	if more := j.count("trying again"); more != 0 {
		t.Errorf("%d lines more", more)
	}
}
