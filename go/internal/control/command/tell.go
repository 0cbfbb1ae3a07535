package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// unlimited is how -1 can be written.
const unlimited = "unlimited"

func (p *program) drain() *cobra.Command {
	var drain state.Drain
	var wait bool
	command := &cobra.Command{
		Use: "drain [MANAGER]", Short: "Take no new tasks: finish those that run, hand those that wait back",
		Long: `Has the manager take no new tasks. Its workers finish what they run, hand what waits back to the scheduler, and end.
The manager then waits for "resume", or ends with --end.`,
		Example: `  scaler-native drain --wait && scaler-native resume
  scaler-native drain --end --deadline 600`,
		Args: arguments(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			if !(drain.Deadline >= 0 && drain.Deadline < 1e9) {
				return misuse{errors.New("--deadline must be a number of seconds")}
			}
			return p.tell(command.Context(), names, func(ctx context.Context, m client.Found) error {
				answer, err := m.Drain(ctx, drain)
				switch {
				case err != nil || !wait:
					return p.sayTold(answer, err)
				case drain.End:
					return p.sayEnded(ctx, m, answer)
				}
				return p.sayTold(p.untilDrained(ctx, m))
			})
		},
	}
	command.Flags().Float64Var(&drain.Deadline, "deadline", 0, "have tasks that still run after so many `SECONDS` run elsewhere")
	command.Flags().BoolVar(&drain.End, "end", false, "have the manager end afterwards")
	command.Flags().BoolVar(&wait, "wait", false, "wait until that is done")
	return command
}

func (p *program) resume() *cobra.Command {
	return &cobra.Command{
		Use: "resume [MANAGER]", Short: "Take tasks again after a drain",
		Args: arguments(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.tell(command.Context(), names, func(ctx context.Context, m client.Found) error {
				return p.sayTold(m.Resume(ctx))
			})
		},
	}
}

func (p *program) resize() *cobra.Command {
	return &cobra.Command{
		Use: "resize N", Short: "Have another number of workers",
		Long: `In fixed mode N is how many workers there are, in dynamic mode the most that the scheduler gets; there, -1 or
"unlimited" is as many as it asks for. Workers that are too many finish their tasks first.`,
		Example: "  scaler-native resize 8\n  scaler-native resize unlimited --manager 4711",
		Args:    arguments(1, 1, "a number of workers"), ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, list []string) error {
			number, err := strconv.Atoi(list[0])
			if list[0] == unlimited {
				number, err = -1, nil
			}
			if err != nil || number < -1 {
				return misuse{fmt.Errorf("expected a number of workers, or %s, not %q", unlimited, list[0])}
			}
			return p.tell(command.Context(), nil, func(ctx context.Context, m client.Found) error {
				return p.sayTold(m.Resize(ctx, state.Resize{Count: number}))
			})
		},
	}
}

func (p *program) stop() *cobra.Command {
	var wait bool
	command := &cobra.Command{
		Use: "stop [MANAGER]", Short: "Stop the manager and its workers, as SIGTERM does",
		Long: `Stops the manager and its workers, as SIGTERM does: each worker is asked to stop and has --stop-timeout-seconds of
the manager to do so. Told a second time, the manager kills what is left. "drain --end" lets tasks finish.`,
		Example: "  scaler-native stop --wait",
		Args:    arguments(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			return p.tell(command.Context(), names, func(ctx context.Context, m client.Found) error {
				answer, err := m.Stop(ctx)
				if err != nil || !wait {
					return p.sayTold(answer, err)
				}
				return p.sayEnded(ctx, m, answer)
			})
		},
	}
	command.Flags().BoolVar(&wait, "wait", false, "wait until the manager has ended")
	return command
}

// tell has one manager do something.
func (p *program) tell(ctx context.Context, names []string, do func(context.Context, client.Found) error) error {
	manager, err := p.one(ctx, names)
	if err != nil {
		return err
	}
	return do(ctx, manager)
}

// sayTold prints what a manager says that has begun to do as it was told.
func (p *program) sayTold(answer client.Answer[state.Manager], err error) error {
	switch {
	case err != nil:
		return err
	case p.json:
		return p.sayJSON(answer.Text)
	}
	m := &answer.Value
	return p.out.say("%s (pid %d): %s, %s registered of %d desired, %d busy", clean(m.ID), m.Pid, clean(m.Phase),
		format.Count(m.Workers.Registered, "worker"), m.Workers.Desired, m.Workers.Busy)
}

// sayEnded waits for the end of a manager, of which nobody can be asked any more.
func (p *program) sayEnded(ctx context.Context, m client.Found, last client.Answer[state.Manager]) error {
	if err := p.untilEnded(ctx, m); err != nil {
		return err
	}
	if p.json {
		return p.sayJSON(last.Text)
	}
	return p.out.say("%s (pid %d) has ended", clean(last.Value.ID), last.Value.Pid)
}
