package spares

import "github.com/scaler-native/scaler-native/go/internal/host/protocol"

// Spare is a spare processor that is ready.
type Spare struct {
	Worker int // 0 if it was made for a new worker
	Pid    int
	Parent int // pid of the worker's process
}

// Effect is something for the worker host to do: a Make or a Drop.
type Effect interface{ effect() }

type (
	// Make makes a spare processor for a worker, or, with the number 0, for a new worker with these settings.
	Make struct {
		Worker   int
		Settings protocol.Settings
	}
	// Drop ends the spare processor of a worker, or, with the number 0, all those for new workers.
	Drop struct{ Worker int }
)

func (Make) effect() {}
func (Drop) effect() {}
