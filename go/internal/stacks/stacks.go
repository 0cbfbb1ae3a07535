// Package stacks asks a processor for the Python stacks of its threads, whatever it is doing. A signal makes the
// interpreter write them into a file in memory. If its main thread is in C code, a second signal makes a signal handler
// write the stack of that thread. Either may interrupt a call of the kernel that the task is in. Python code does not
// notice.
package stacks

import (
	"context"
	"errors"
	"time"
)

// Limit is the longest text in bytes.
const Limit = 64 << 10

// answerTime is how long a processor may take to answer. It does in less than a millisecond, unless it gets no CPU.
const answerTime = 2 * time.Second

// Why there are no stacks.
var (
	errEnded   = errors.New("it has ended")
	errStopped = errors.New("it is stopped (SIGSTOP, or a debugger), and cannot answer before it goes on")
	errDeaf    = errors.New("it cannot be asked: its task has closed the file, or it was not forked by the worker host")
	errSilent  = errors.New("no answer")
)

// Of are the stacks of a processor that is a child of a parent. There may be a part of them beside an error.
func Of(ctx context.Context, pid, parent int) (string, error) {
	return of(ctx, pid, parent, answerTime)
}
