package faults

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// A balance follows which tasks a scheduler has asked a worker to give back, by clients/balance.py.
type balance struct {
	process *cluster.Process
	read    int
	asked   map[string]string // workers by task
	gone    map[string]bool   // workers that have disconnected
}

func startBalance(t *testing.T, c *cluster.Cluster) *balance {
	t.Helper()
	address := fmt.Sprintf("%s://%s", c.Layout.Scheme, c.At(2))
	return &balance{process: c.StartClient(t, "balance.py", address), asked: map[string]string{}, gone: map[string]bool{}}
}

// lost tells whether a task was asked from a worker that has then gone, and is nowhere since.
func (b *balance) lost(t *testing.T, task string) bool {
	t.Helper()
	lines, _, _ := b.process.Answers.Since(b.read)
	b.read += len(lines)
	for _, line := range lines {
		var change struct{ Task, From, Gone string }
		if err := json.Unmarshal([]byte(line), &change); err != nil {
			t.Fatalf("balance.py says %q: %v", line, err)
		}
		switch {
		case change.Gone != "":
			b.gone[change.Gone] = true
		case change.From != "":
			b.asked[change.Task] = change.From
		default:
			delete(b.asked, change.Task)
		}
	}
	return b.gone[b.asked[task]]
}
