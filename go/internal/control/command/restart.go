package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func (p *program) restart() *cobra.Command {
	var all, wait bool
	command := &cobra.Command{
		Use: "restart {WORKER... | --all}", Short: "Replace workers, between tasks",
		Long: `Replaces workers by new ones. Each finishes its running task first. With --all, replaces every worker of the
manager, one after the other.`,
		Example: "  scaler-native restart 4720 4733\n  scaler-native restart --all --wait",
		Args: func(command *cobra.Command, names []string) error {
			if all == (len(names) > 0) {
				return usageError{fmt.Errorf("expected workers, or --all; see %s --help", command.CommandPath())}
			}
			return nil
		},
		ValidArgsFunction: p.completeWorkers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.withWorkers(command.Context(), names, func(ctx context.Context, m client.Found, ids []string) error {
				request := state.Restart{Workers: ids, All: all}
				answer, err := m.Restart(ctx, request)
				if err != nil || !wait {
					return p.printResult(answer, err)
				}
				if all {
					ids = workerIDs(&m.State.Value)
				}
				return p.printResult(p.waitUntilReplaced(ctx, m, ids))
			})
		},
	}
	command.Flags().BoolVar(&all, "all", false, "every worker of the manager, one after the other")
	command.Flags().BoolVar(&wait, "wait", false, "wait until the new workers have registered")
	return command
}

func workerIDs(m *state.Manager) (ids []string) {
	for _, worker := range m.Members {
		if worker.ID != "" {
			ids = append(ids, worker.ID)
		}
	}
	return ids
}

// withWorkers calls do with each manager of the named workers and their ids, or with the only manager if none is named.
func (p *program) withWorkers(
	ctx context.Context, names []string, do func(context.Context, client.Found, []string) error,
) error {
	if len(names) == 0 {
		manager, err := p.selectOne(ctx, nil)
		if err != nil {
			return err
		}
		return do(ctx, manager, nil)
	}
	list, err := p.selectManagers(ctx, nil)
	if err != nil {
		return err
	}
	ids := make([][]string, len(list))
	for _, name := range names {
		at, id, err := matchWorker(list, name)
		if err != nil {
			return err
		}
		ids[at] = append(ids[at], id)
	}
	for i, of := range ids {
		if len(of) > 0 {
			if err := do(ctx, list[i], of); err != nil {
				return err
			}
		}
	}
	return nil
}

// matchWorker finds a worker by name, and returns the index of its manager in list and its id.
func matchWorker(list []client.Found, name string) (at int, id string, err error) {
	var silent error
	var partly []string
	for i, manager := range list {
		if manager.Err != nil {
			silent = manager.Err
		}
		for _, w := range manager.State.Value.Members {
			switch {
			case w.ID == "" || name == "":
			case w.ID == name, strconv.Itoa(w.Pid) == name:
				return i, w.ID, nil
			case control.IsPart(name, w.ID):
				at, id = i, w.ID
				partly = append(partly, fmt.Sprintf("%s (pid %d)", w.ID, w.Pid))
			}
		}
	}
	switch {
	case len(partly) == 1:
		return at, id, nil
	case len(partly) > 1:
		return 0, "", usageError{fmt.Errorf("%q matches %d workers: %s", name, len(partly),
			strings.Join(partly[:min(maxListed, len(partly))], ", "))}
	case silent != nil:
		return 0, "", fmt.Errorf("found no worker %q, but not all managers have answered: %w; %s", name, silent, hint(list))
	}
	return 0, "", notFoundError{fmt.Errorf("no worker %q; %s", name, hint(list))}
}

// waitUntilReplaced waits until workers have ended and their replacements have registered.
func (p *program) waitUntilReplaced(
	ctx context.Context, m client.Found, ids []string,
) (client.Answer[state.Manager], error) {
	old := map[string]bool{}
	for _, id := range ids {
		old[id] = true
	}
	return p.poll(ctx, m, func(now *state.Manager) (bool, error) {
		if now.Phase == state.Stopping {
			return false, errors.New("the manager is stopping")
		}
		for _, worker := range now.Members {
			if old[worker.ID] || worker.State == "starting" || worker.State == "running" {
				return false, nil
			}
		}
		return now.Workers.Registered >= now.Workers.Actual, nil
	})
}
