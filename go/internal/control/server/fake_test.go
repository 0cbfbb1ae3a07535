package server

import (
	"context"
	"sync"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/journal"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// fake is a manager that records the requests it gets.
type fake struct {
	journal *journal.Journal
	err     error

	mu   sync.Mutex // guards told
	told []any
}

func newFake() *fake { return &fake{journal: journal.New()} }

func (f *fake) tell(what any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, what)
	return f.err
}

func (f *fake) Status(_ context.Context, proportional bool) (state.Manager, error) {
	m := state.Manager{Version: state.Version, ID: "m", MemoryKind: state.RSS}
	if proportional {
		m.MemoryKind = state.PSS
	}
	return m, f.err
}

func (f *fake) Events(after uint64) ([]state.Event, <-chan struct{}) { return f.journal.After(after) }

func (f *fake) Logs(worker string) ([]state.Line, error) {
	if worker != "w" {
		return nil, control.ErrNotFound
	}
	return []state.Line{{Text: "one"}, {Text: "two"}}, nil
}

func (f *fake) Stacks(_ context.Context, worker string) (state.Stacks, error) {
	return state.Stacks{Worker: worker}, f.err
}

func (f *fake) Drain(d state.Drain) error     { return f.tell(d) }
func (f *fake) Resize(r state.Resize) error   { return f.tell(r) }
func (f *fake) Restart(r state.Restart) error { return f.tell(r) }
func (f *fake) Resume() error                 { return f.tell("resume") }
func (f *fake) Stop() error                   { return f.tell("stop") }
