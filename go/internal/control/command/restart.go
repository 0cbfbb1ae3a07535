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
		Use: "restart {WORKER... | --all}", Short: "Have new workers in place of old ones, between tasks",
		Long: `Has the manager start a new worker in the place of each that is named, which first finishes its task. With --all
that is done for every worker of the manager, one after the other.`,
		Example: "  scaler-native restart 4720 4733\n  scaler-native restart --all --wait",
		Args: func(command *cobra.Command, names []string) error {
			if all == (len(names) > 0) {
				return misuse{fmt.Errorf("expected workers, or --all; see %s --help", command.CommandPath())}
			}
			return nil
		},
		ValidArgsFunction: p.completeWorkers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.tellWorkers(command.Context(), names, func(ctx context.Context, m client.Found, ids []string) error {
				request := state.Restart{Workers: ids, All: all}
				answer, err := m.Restart(ctx, request)
				if err != nil || !wait {
					return p.sayTold(answer, err)
				}
				if all {
					ids = identities(&m.State.Value)
				}
				return p.sayTold(p.untilReplaced(ctx, m, ids))
			})
		},
	}
	command.Flags().BoolVar(&all, "all", false, "all workers of the manager, one after the other")
	command.Flags().BoolVar(&wait, "wait", false, "wait until the new workers have registered")
	return command
}

func identities(m *state.Manager) (ids []string) {
	for _, worker := range m.Members {
		if worker.ID != "" {
			ids = append(ids, worker.ID)
		}
	}
	return ids
}

// tellWorkers finds the managers of the workers that are named, and has each do something; without names, the only one.
func (p *program) tellWorkers(ctx context.Context, names []string, do func(context.Context, client.Found, []string) error) error {
	if len(names) == 0 {
		manager, err := p.one(ctx, nil)
		if err != nil {
			return err
		}
		return do(ctx, manager, nil)
	}
	list, err := p.some(ctx, nil)
	if err != nil {
		return err
	}
	ids := make([][]string, len(list))
	for _, name := range names {
		at, id, err := worker(list, name)
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

// worker finds the manager and the id of a worker.
func worker(list []client.Found, name string) (at int, id string, err error) {
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
		return 0, "", misuse{fmt.Errorf("%q can be %d workers: %s", name, len(partly), strings.Join(partly[:min(listed, len(partly))], ", "))}
	case silent != nil:
		return 0, "", fmt.Errorf("there is no worker %q, or it is one of a manager that does not say so: %w; %s", name, silent, hint(list))
	}
	return 0, "", missing{fmt.Errorf("there is no worker %q; %s", name, hint(list))}
}

// untilReplaced waits until workers are gone and all that are wanted have registered.
func (p *program) untilReplaced(ctx context.Context, m client.Found, ids []string) (client.Answer[state.Manager], error) {
	old := map[string]bool{}
	for _, id := range ids {
		old[id] = true
	}
	return p.until(ctx, m, func(now *state.Manager) (bool, error) {
		if now.Phase == state.Stopping {
			return false, errors.New("the manager stops")
		}
		for _, worker := range now.Members {
			if old[worker.ID] || worker.State == "starting" || worker.State == "running" {
				return false, nil
			}
		}
		return now.Workers.Registered >= now.Workers.Actual, nil
	})
}
