package spares

import "github.com/scaler-native/scaler-native/go/internal/host/protocol"

// Spare is a spare processor that waits.
type Spare struct {
	Worker int // 0: the one of a worker that is yet to come
	Pid    int
	Parent int // pid of its worker's process
}

// Effect is something for the worker host to do: a Make or a Drop.
type Effect interface{ effect() }

type (
	// Make makes a spare processor of a worker, or with the number 0 of one that is yet to come, with its settings.
	Make struct {
		Worker   int
		Settings protocol.Settings
	}
	// Drop ends the spare processor of a worker, or with the number 0 all of workers that are yet to come.
	Drop struct{ Worker int }
)

func (Make) effect() {}
func (Drop) effect() {}
