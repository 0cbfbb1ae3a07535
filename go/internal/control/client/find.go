package client

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/scaler-native/scaler-native/go/internal/control/directory"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Found is a manager of this host.
type Found struct {
	*Client
	State Answer[state.Manager] // valid if Err is nil
	Err   error                 // why the manager did not answer
}

// Pid returns the manager's pid, or that in the name of its socket if it did not answer, or 0 if that has none.
func (f Found) Pid() int {
	if f.State.Value.Pid != 0 {
		return f.State.Value.Pid
	}
	return directory.Pid(f.Path())
}

// Find requests the status of all managers that this user has access to, concurrently. It skips sockets that nobody
// listens on. The error, if any, is about directories that were skipped; the managers returned are valid all the same.
func Find(ctx context.Context, timeout time.Duration) ([]Found, error) {
	paths, err := directory.Sockets()
	all := make([]Found, len(paths))
	var asked sync.WaitGroup
	for i, path := range paths {
		asked.Add(1)
		go func() {
			defer asked.Done()
			all[i] = query(ctx, path, timeout)
		}()
	}
	asked.Wait()
	found := all[:0]
	for _, manager := range all {
		if errors.Is(manager.Err, ErrNoManager) {
			manager.Close()
			continue
		}
		found = append(found, manager)
	}
	return found, err
}

// At requests the status of the manager that listens at path.
func At(ctx context.Context, path string, timeout time.Duration) (Found, error) {
	found := query(ctx, path, timeout)
	return found, found.Err
}

func query(ctx context.Context, path string, timeout time.Duration) Found {
	f := Found{Client: New(path, timeout)}
	f.State, f.Err = f.Status(ctx, false)
	return f
}
