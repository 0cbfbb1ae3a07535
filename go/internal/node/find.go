package node

import (
	"fmt"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/logging"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// findWorker returns the running worker that name stands for, see find. It is for the loop.
func (n *node) findWorker(name string) (pool.Worker, error) {
	workers := n.pool.Workers()
	names := make([]logging.Fields, len(workers))
	for i, w := range workers {
		names[i] = logging.Fields{Worker: w.Identity, Pid: w.Pid}
	}
	i, err := find(name, names)
	if err != nil {
		return pool.Worker{}, err
	}
	return workers[i], nil
}

// find returns the index of the worker with this id; else of the last one with this pid; else of the only one whose id
// has name as a part (see control.IsPart). If there is none, or several have the part, the error is
// control.ErrNotFound.
func find(name string, workers []logging.Fields) (int, error) {
	byPid, byPart, parts := -1, -1, 0
	for i, w := range workers {
		switch {
		case w.Worker == name:
			return i, nil
		case strconv.Itoa(w.Pid) == name:
			byPid = i
		case control.IsPart(name, w.Worker):
			byPart = i
			parts++
		}
	}
	switch {
	case byPid >= 0:
		return byPid, nil
	case parts == 1:
		return byPart, nil
	case parts > 1:
		return 0, fmt.Errorf("%w: %d workers have %q in their id", control.ErrNotFound, parts, name)
	}
	return 0, fmt.Errorf("%w: %q", control.ErrNotFound, name)
}
