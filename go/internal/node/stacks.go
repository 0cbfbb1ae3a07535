package node

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/procfs"
	"github.com/scaler-native/scaler-native/go/internal/stacks"
)

// maxStacks limits the processors per worker: each suspended task occupies one.
const maxStacks = 64

// Stacks returns the stacks of a worker's processors: of all children of their parent but a spare processor. These
// include processes that a task has detached.
func (n *node) Stacks(ctx context.Context, name string) (result state.Stacks, err error) {
	type worker struct {
		identity      string
		parent, spare int
		err           error
	}
	w := ask(n, func() worker {
		w, err := n.findWorker(name)
		if err != nil {
			return worker{err: err}
		}
		parent := n.processors[w.Number].parent
		if parent == 0 {
			parent = w.Pid
		}
		return worker{identity: w.Identity, parent: parent, spare: n.spares.Of(w.Number)}
	})
	switch {
	case w.err != nil:
		return result, w.err
	case w.parent == 0:
		return result, control.ErrEnded
	}
	pids, err := procfs.Children(procfs.Root, w.parent)
	if err != nil {
		return result, fmt.Errorf("%w: %w", control.ErrRefused, err)
	}
	pids = slices.DeleteFunc(pids, func(pid int) bool { return pid == w.spare })
	result = state.Stacks{Worker: w.identity, Processors: make([]state.ProcessorStacks, min(len(pids), maxStacks))}
	var pending sync.WaitGroup
	for i := range result.Processors {
		pending.Add(1)
		go func() {
			defer pending.Done()
			result.Processors[i] = stacksOf(ctx, pids[i], w.parent)
		}()
	}
	pending.Wait()
	return result, nil
}

func stacksOf(ctx context.Context, pid, parent int) state.ProcessorStacks {
	text, err := stacks.Of(ctx, pid, parent)
	p := state.ProcessorStacks{Pid: pid, Text: text}
	if err != nil {
		p.Error = err.Error()
	}
	return p
}
