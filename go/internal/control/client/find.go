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
	State Answer[state.Manager]
	// Err is why there is no State.
	Err error
}

// Pid is the manager's, also of one that does not answer; 0 if it is not known.
func (f Found) Pid() int {
	if f.State.Value.Pid != 0 {
		return f.State.Value.Pid
	}
	return directory.Pid(f.Path())
}

// Find asks all managers for their state that this user may ask, at the same time. A socket that nothing listens at is
// none. The error tells of directories that were left out, beside what was found.
func Find(ctx context.Context, patience time.Duration) ([]Found, error) {
	paths, err := directory.Sockets()
	all := make([]Found, len(paths))
	var asked sync.WaitGroup
	for i, path := range paths {
		asked.Add(1)
		go func() {
			defer asked.Done()
			all[i] = ask(ctx, path, patience)
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

// At asks the manager with a socket.
func At(ctx context.Context, path string, patience time.Duration) (Found, error) {
	found := ask(ctx, path, patience)
	return found, found.Err
}

func ask(ctx context.Context, path string, patience time.Duration) Found {
	f := Found{Client: New(path, patience)}
	f.State, f.Err = f.Status(ctx, false)
	return f
}
