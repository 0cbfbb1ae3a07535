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
		Use: "logs WORKER", Short: "Print the last lines of the manager's log about a worker",
		Long: `Prints the last lines of the manager's log about a worker, also of one that has ended lately. What tasks print goes
where the manager's own output goes.`,
		Example: "  scaler-native logs 4720",
		Args:    arguments(1, 1, "one worker"), ValidArgsFunction: p.completeWorkers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.askWorker(command.Context(), names[0], func(ctx context.Context, m client.Found, worker string) error {
				lines, err := m.Logs(ctx, worker)
				if err != nil {
					return err
				}
				for _, line := range lines {
					if p.json {
						err = p.sayJSON(line.Text)
					} else {
						err = p.out.say("%s", clean(line.Value.Text))
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
		Use: "stacks WORKER", Short: "Print what the Python threads of a worker's processors are doing",
		Long: `Prints the Python stack of each thread of a worker's processors, the latest call first. A task goes on meanwhile,
and does not notice.`,
		Example: "  scaler-native stacks 4720",
		Args:    arguments(1, 1, "one worker"), ValidArgsFunction: p.completeWorkers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.askWorker(command.Context(), names[0], func(ctx context.Context, m client.Found, worker string) error {
				answer, err := m.Stacks(ctx, worker)
				switch {
				case err != nil:
					return err
				case p.json:
					return p.sayJSON(answer.Text)
				}
				var problems []error
				for _, processor := range answer.Value.Processors {
					if processor.Error != "" {
						problems = append(problems, fmt.Errorf("no stacks of processor %d: %s", processor.Pid, processor.Error))
						continue
					}
					_ = p.out.say("%s", p.bold(fmt.Sprintf("Processor %d:", processor.Pid)))
					_ = p.out.say("%s", strings.TrimRight(format.Clean(processor.Text, true), "\n"))
				}
				if len(answer.Value.Processors) == 0 {
					problems = append(problems, errors.New("the worker has no processor now"))
				}
				return errors.Join(problems...)
			})
		},
	}
}

// askWorker asks the managers for a worker until one knows it, which it may also if it has ended.
func (p *program) askWorker(ctx context.Context, name string, do func(context.Context, client.Found, string) error) error {
	list, err := p.some(ctx, nil)
	if err != nil {
		return err
	}
	if at, id, err := worker(list, name); err == nil {
		return do(ctx, list[at], id)
	} else if errors.As(err, new(misuse)) {
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
		return fmt.Errorf("no worker %q is known, or one that does not say so knows it: %w; %s", name, silent, hint(list))
	}
	return missing{fmt.Errorf("there is no worker %q; %s", name, hint(list))}
}
