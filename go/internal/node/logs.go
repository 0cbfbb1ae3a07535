package node

import (
	"fmt"
	"strconv"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/logging"
)

// Logs are the last lines of the log about a worker. It may have ended: its lines are wanted most then.
func (n *node) Logs(name string) ([]state.Line, error) {
	identity, err := findLogged(n.log.Workers(), name)
	if err != nil {
		return nil, err
	}
	var lines []state.Line
	for _, text := range n.log.Recent(identity) {
		lines = append(lines, state.Line{Text: text})
	}
	return lines, nil
}

// findLogged finds a worker's id by it, by a part of it that no other one has, or by a pid: of several that had this pid
// it is the last.
func findLogged(workers []logging.Fields, name string) (identity string, err error) {
	pid, _ := strconv.Atoi(name)
	var partly, byPid []string
	for _, w := range workers {
		if w.Worker == name {
			return name, nil
		}
		switch {
		case pid > 0 && w.Pid == pid:
			byPid = append(byPid, w.Worker)
		case control.IsPart(name, w.Worker):
			partly = append(partly, w.Worker)
		}
	}
	switch {
	case len(byPid) > 0:
		return byPid[len(byPid)-1], nil
	case len(partly) == 1:
		return partly[0], nil
	case len(partly) > 1:
		return "", fmt.Errorf("%w by that name alone: %d have %q in their ids", control.ErrNotFound, len(partly), name)
	}
	return "", fmt.Errorf("%w, and no line of the log about one: %s", control.ErrNotFound, name)
}
