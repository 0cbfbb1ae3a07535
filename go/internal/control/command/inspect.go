package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/format"
)

func (p *program) logs() *cobra.Command {
	return &cobra.Command{
		Use: "logs WORKER", Short: "Print the last log lines about a worker",
		Long: `Prints the last lines of the manager's log about a worker, which may have ended recently. The output of tasks
is not among them: it goes to the manager's standard output and error.`,
		Example: "  scaler-native logs 4720",
		Args:    argCount(1, 1, "one worker"), ValidArgsFunction: p.completeWorkers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.withWorker(command.Context(), names[0], func(ctx context.Context, m client.Found, worker string) error {
				lines, err := m.Logs(ctx, worker)
				if err != nil {
					return err
				}
				for _, line := range lines {
					if p.json {
						err = p.printJSON(line.Text)
					} else {
						err = p.out.printLine("%s", sanitize(line.Value.Text))
					}
					if err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

func (p *program) stacks() *cobra.Command {
	return &cobra.Command{
		Use: "stacks WORKER", Short: "Print the Python stacks of a worker's processors",
		Long: `Prints the Python stack of each thread of a worker's processors, the most recent call first. Running tasks are
not interrupted.`,
		Example: "  scaler-native stacks 4720",
		Args:    argCount(1, 1, "one worker"), ValidArgsFunction: p.completeWorkers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.withWorker(command.Context(), names[0], func(ctx context.Context, m client.Found, worker string) error {
				answer, err := m.Stacks(ctx, worker)
				switch {
				case err != nil:
					return err
				case p.json:
					return p.printJSON(answer.Text)
				}
				var problems []error
				for _, processor := range answer.Value.Processors {
					if processor.Error != "" {
						problems = append(problems, fmt.Errorf("no stacks of processor %d: %s", processor.Pid, processor.Error))
						continue
					}
					_ = p.out.printLine("%s", p.bold(fmt.Sprintf("Processor %d:", processor.Pid)))
					_ = p.out.printLine("%s", strings.TrimRight(format.Sanitize(processor.Text, true), "\n"))
				}
				if len(answer.Value.Processors) == 0 {
					problems = append(problems, errors.New("the worker has no processor now"))
				}
				return errors.Join(problems...)
			})
		},
	}
}

// withWorker calls do with the manager that knows a worker. A worker that is not in any state may have ended recently,
// so that it then asks every manager.
func (p *program) withWorker(
	ctx context.Context, name string, do func(context.Context, client.Found, string) error,
) error {
	list, err := p.selectManagers(ctx, nil)
	if err != nil {
		return err
	}
	if at, id, err := matchWorker(list, name); err == nil {
		return do(ctx, list[at], id)
	} else if errors.As(err, new(usageError)) {
		return err
	}
	var silent error
	for _, manager := range list {
		if manager.Err != nil {
			silent = manager.Err
			continue
		}
		if err := do(ctx, manager, name); !errors.Is(err, control.ErrNotFound) {
			return err
		}
	}
	if silent != nil {
		return fmt.Errorf("found no worker %q, but not all managers have answered: %w; %s", name, silent, hint(list))
	}
	return notFoundError{fmt.Errorf("no worker %q; %s", name, hint(list))}
}
