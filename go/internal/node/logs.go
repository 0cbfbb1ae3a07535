package node

import "github.com/scaler-native/scaler-native/go/internal/control/state"

// Logs returns the last log lines about a worker, which may have exited. See control.Manager.
func (n *node) Logs(name string) ([]state.Line, error) {
	workers := n.log.Workers()
	i, err := find(name, workers)
	if err != nil {
		return nil, err
	}
	var lines []state.Line
	for _, text := range n.log.Recent(workers[i].Worker) {
		lines = append(lines, state.Line{Text: text})
	}
	return lines, nil
}
