package process

import (
	"os"
	"testing"
)

func TestReserveThreads(t *testing.T) {
	const count = 24
	ReserveThreads(count)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		t.Fatal(err)
	}
	if len(threads) < count {
		t.Errorf("%d threads, want %d at least", len(threads), count)
	}
}
