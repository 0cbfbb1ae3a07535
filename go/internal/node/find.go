package node

import (
	"fmt"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// findWorker is the worker with an id or a pid, or the only one with that in its id. It is for the loop.
func (n *node) findWorker(name string) (pool.Worker, error) {
	var like []pool.Worker
	for _, w := range n.pool.Workers() {
		if w.Identity == name || strconv.Itoa(w.Pid) == name {
			return w, nil
		}
		if control.IsPart(name, w.Identity) {
			like = append(like, w)
		}
	}
	switch {
	case len(like) == 0:
		return pool.Worker{}, fmt.Errorf("%w: %q", control.ErrNotFound, name)
	case len(like) > 1:
		return pool.Worker{}, fmt.Errorf("%w: %d workers have %q in their id", control.ErrNotFound, len(like), name)
	}
	return like[0], nil
}
