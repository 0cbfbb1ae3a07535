package command

import (
	"strconv"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func (p *program) events() *cobra.Command {
	var follow bool
	var after uint64
	command := &cobra.Command{
		Use: "events [MANAGER]", Short: "Print the events of a manager and its workers",
		Long: `Prints the last thousand events of a manager and its workers, oldest first. Each begins with its number.
With --json, each is a line of JSON.`,
		Example: `  scaler-native events --follow
  scaler-native events --json --after 120 | jq -r 'select(.kind == "worker died") | .text'`,
		Args: argCount(0, 1, "at most one manager"), ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			manager, err := p.selectOne(command.Context(), names)
			if err != nil {
				return err
			}
			return manager.Events(command.Context(), after, follow, func(event client.Answer[state.Event]) error {
				if err := p.printEvent(event); err != nil || !follow {
					return err
				}
				return p.out.Flush()
			})
		},
	}
	command.Flags().BoolVarP(&follow, "follow", "f", false, "keep printing new events until the manager ends")
	command.Flags().Uint64Var(&after, "after", 0, "only events after number `N`")
	return command
}

func (p *program) printEvent(event client.Answer[state.Event]) error {
	if p.json {
		return p.printJSON(event.Text)
	}
	e := event.Value
	who := ""
	if e.Pid != 0 {
		who = strconv.Itoa(e.Pid)
	}
	return p.out.printLine("%5d  %s  %s  %8s  %s", e.ID, e.Time.Local().Format("2006-01-02 15:04:05.000"),
		format.Pad(sanitize(e.Kind), 17, false), who, sanitize(e.Text))
}
