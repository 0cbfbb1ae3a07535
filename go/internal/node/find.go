package node

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/pool"
)

// findWorker is the number of the worker with an id or a pid, or with a part of an id that no other one has. In the loop.
func (n *node) findWorker(name string) (number int, err error) {
	return findWorker(n.pool.Workers(), name)
}

func findWorker(workers []pool.Worker, name string) (number int, err error) {
	pid, _ := strconv.Atoi(name)
	var fitting []int
	for _, w := range workers {
		switch {
		case w.Identity == name || w.Pid == pid:
			return w.Number, nil
		case name != "" && strings.Contains(w.Identity, name):
			fitting = append(fitting, w.Number)
		}
	}
	switch len(fitting) {
	case 0:
		return 0, fmt.Errorf("%w as %q", control.ErrNotFound, name)
	case 1:
		return fitting[0], nil
	}
	return 0, fmt.Errorf("%w: %q is a part of %d ids", control.ErrNotFound, name, len(fitting))
}
