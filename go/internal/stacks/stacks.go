// Package stacks gets the Python stacks of a processor's threads. A signal makes the interpreter write them to a
// memfd. If its main thread is in C code, a second signal makes a C signal handler write the stack of that thread
// only. Both may interrupt a system call of the task (EINTR), which Python retries.
package stacks

import (
	"context"
	"errors"
	"time"
)

// Limit is the longest text in bytes.
const Limit = 64 << 10

// answerTime limits the time for an answer. A processor that gets CPU time answers within a millisecond.
const answerTime = 2 * time.Second

// Reasons why there are no stacks.
var (
	errEnded   = errors.New("it has ended")
	errStopped = errors.New("it is stopped, by SIGSTOP or a debugger, and cannot answer")
	errDeaf    = errors.New("it cannot answer: its task has closed the file, or the worker host did not fork it")
	errSilent  = errors.New("no answer")
)

// Of returns the stacks of the processor with a pid and a parent. With an error, it returns what was written until
// then.
func Of(ctx context.Context, pid, parent int) (string, error) {
	return of(ctx, pid, parent, answerTime)
}
