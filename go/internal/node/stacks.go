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

// maxAsked bounds the processors of one worker that are asked: a suspended one stays for each priority.
const maxAsked = 64

// Stacks are the stacks of a worker's processors: of all children of the process that is their parent, but for a spare
// one. What a task has detached is among them.
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
	result = state.Stacks{Worker: w.identity, Processors: make([]state.ProcessorStacks, min(len(pids), maxAsked))}
	var asked sync.WaitGroup
	for i := range result.Processors {
		asked.Add(1)
		go func() {
			defer asked.Done()
			result.Processors[i] = stacksOf(ctx, pids[i], w.parent)
		}()
	}
	asked.Wait()
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
