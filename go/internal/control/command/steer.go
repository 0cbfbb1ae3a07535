package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control"
	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// unlimited is another way to write -1.
const unlimited = "unlimited"

func (p *program) drain() *cobra.Command {
	var drain state.Drain
	var wait bool
	command := &cobra.Command{
		Use: "drain [MANAGER]", Short: "Finish running tasks, return queued ones, accept no more",
		Long: `Drains the manager: it accepts no more tasks. Its workers finish their running tasks, return queued ones to the
scheduler, and end. The manager then waits for "resume"; with --end it ends too.`,
		Example: `  scaler-native drain --wait && scaler-native resume
  scaler-native drain --end --deadline 600`,
		Args: argCount(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			if !(drain.Deadline >= 0 && drain.Deadline < 1e9) {
				return usageError{errors.New("--deadline must be a number of seconds, not negative")}
			}
			return p.withManager(command.Context(), names, func(ctx context.Context, m client.Found) error {
				answer, err := m.Drain(ctx, drain)
				switch {
				case drain.End:
					return p.printEnding(ctx, m, wait, answer, err)
				case err != nil || !wait:
					return p.printResult(answer, err)
				}
				return p.printResult(p.waitUntilDrained(ctx, m))
			})
		},
	}
	command.Flags().Float64Var(&drain.Deadline, "deadline", 0,
		"after `SECONDS`, stop tasks that still run; they are rerun elsewhere")
	command.Flags().BoolVar(&drain.End, "end", false, "end the manager once it has drained")
	command.Flags().BoolVar(&wait, "wait", false, "wait until the manager has drained, or ended with --end")
	return command
}

func (p *program) resume() *cobra.Command {
	return &cobra.Command{
		Use: "resume [MANAGER]", Short: "Accept tasks again after a drain",
		Args: argCount(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.withManager(command.Context(), names, func(ctx context.Context, m client.Found) error {
				return p.printResult(m.Resume(ctx))
			})
		},
	}
}

func (p *program) resize() *cobra.Command {
	return &cobra.Command{
		Use: "resize N", Short: "Change the number of workers",
		Long: `In fixed mode, N is the number of workers. In dynamic mode it is the maximum that the scheduler may request;
-1 or "unlimited" is no maximum. Surplus workers finish their running tasks, then end.`,
		Example: "  scaler-native resize 8\n  scaler-native resize unlimited --manager 4711",
		Args:    argCount(1, 1, "a number of workers"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, list []string) error {
			number, err := strconv.Atoi(list[0])
			if list[0] == unlimited {
				number, err = -1, nil
			}
			if err != nil || number < -1 {
				return usageError{fmt.Errorf("expected a number of workers or %q, not %q", unlimited, list[0])}
			}
			return p.withManager(command.Context(), nil, func(ctx context.Context, m client.Found) error {
				return p.printResult(m.Resize(ctx, state.Resize{Count: number}))
			})
		},
	}
}

func (p *program) stop() *cobra.Command {
	var wait bool
	command := &cobra.Command{
		Use: "stop [MANAGER]", Short: "Stop the manager and its workers, as SIGTERM does",
		Long: `Stops the manager and its workers, as SIGTERM does: each worker has --stop-timeout-seconds to stop. A second
stop kills the workers that are left. To let tasks finish, use "drain --end".`,
		Example: "  scaler-native stop --wait",
		Args:    argCount(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.withManager(command.Context(), names, func(ctx context.Context, m client.Found) error {
				answer, err := m.Stop(ctx)
				return p.printEnding(ctx, m, wait, answer, err)
			})
		},
	}
	command.Flags().BoolVar(&wait, "wait", false, "wait until the manager has ended")
	return command
}

// withManager calls do with one manager.
func (p *program) withManager(ctx context.Context, names []string, do func(context.Context, client.Found) error) error {
	manager, err := p.selectOne(ctx, names)
	if err != nil {
		return err
	}
	return do(ctx, manager)
}

// printResult prints the state that a manager answered a command with.
func (p *program) printResult(answer client.Answer[state.Manager], err error) error {
	switch {
	case err != nil:
		return err
	case p.json:
		return p.printJSON(answer.Text)
	}
	m := &answer.Value
	return p.out.printLine("%s (pid %d): %s, %s registered of %d desired, %d busy",
		sanitize(m.ID), m.Pid, sanitize(m.Phase),
		format.Count(m.Workers.Registered, "worker"), m.Workers.Desired, m.Workers.Busy)
}

// printEnding prints the result of a command that makes a manager end, and waits for its end if it is to.
func (p *program) printEnding(
	ctx context.Context, m client.Found, wait bool, answer client.Answer[state.Manager], err error,
) error {
	// Without workers, it may end before it has answered.
	ended := errors.Is(err, control.ErrEnded)
	if ended {
		answer, err = m.State, nil
	}
	if err != nil || !ended && !wait {
		return p.printResult(answer, err)
	}
	if wait {
		if err := p.waitUntilEnded(ctx, m); err != nil {
			return err
		}
	}
	if p.json {
		return p.printJSON(answer.Text)
	}
	return p.out.printLine("%s (pid %d) has ended", sanitize(answer.Value.ID), answer.Value.Pid)
}
