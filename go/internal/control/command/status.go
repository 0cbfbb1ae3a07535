package command

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/scaler-native/scaler-native/go/internal/control/client"
	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

func (p *program) status() *cobra.Command {
	quick := false
	command := &cobra.Command{
		Use: "status [MANAGER]", Short: "Show the managers of this host, or one and its workers",
		Long: `Shows one line per manager of this host, or MANAGER and its workers in full. If only one runs, shows that one.

Memory of workers is PSS, which divides shared pages among the processes. Reading it takes some milliseconds per
worker. With --quick it is what the last heartbeats have read, which may be RSS: that counts shared pages in every
process.

With --json, prints one line of JSON per manager.`,
		Example: `  scaler-native status
  scaler-native status 4711 --json | jq '.workers.busy'
  # pids of the workers that have been at a task for more than an hour
  scaler-native status --json | jq '.now as $now | .members[] | select(.processors[]?.task.began < $now) | .pid'`,
		Args:              argCount(0, 1, "at most one manager"),
		ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			list, err := p.selectManagers(command.Context(), names)
			if err != nil {
				return err
			}
			alone := len(list) == 1 && list[0].Err == nil
			if alone && !quick {
				list[0].State, list[0].Err = list[0].Status(command.Context(), true)
			}
			if !p.json && alone && list[0].Err == nil {
				return p.printManager(&list[0].State.Value)
			}
			return p.printManagers(list)
		},
	}
	command.Flags().BoolVar(&quick, "quick", false, "do not read the memory of processes again")
	return command
}

// printManagers prints one line per manager. The error is about those that have not answered.
func (p *program) printManagers(list []client.Found) error {
	var problems []error
	var rows [][]string
	for _, manager := range list {
		switch {
		case manager.Err != nil:
			problems = append(problems, manager.Err)
			rows = append(rows, []string{"?", format.Pid(manager.Pid()), "no answer", "", "", "", "", "", "", "", ""})
		case p.json:
			if err := p.printJSON(manager.State.Text); err != nil {
				return err
			}
		default:
			rows = append(rows, managerRow(&manager.State.Value))
		}
	}
	if !p.json {
		p.printTable([]format.Column{
			{Title: "MANAGER"}, {Title: "PID", Right: true}, {Title: "PHASE"}, {Title: "MODE"},
			{Title: "WORKERS", Right: true}, {Title: "BUSY", Right: true}, {Title: "QUEUED", Right: true},
			{Title: "DONE", Right: true}, {Title: "FAILED", Right: true}, {Title: "UP", Right: true}, {Title: "SCHEDULER"},
		}, rows)
	}
	return errors.Join(problems...)
}

func managerRow(m *state.Manager) []string {
	scheduler := m.Scheduler.Address
	if !m.Scheduler.Connected {
		scheduler += " (not connected)"
	}
	queued, done := strconv.Itoa(m.Tasks.Queued), countText(m.Tasks.Succeeded)
	failed := countText(m.Tasks.Failed + m.Tasks.Died)
	if !m.KnowsTasks() {
		queued, done, failed = "-", "-", "-"
	}
	return []string{
		sanitize(m.ID), format.Pid(m.Pid), sanitize(m.Phase), sanitize(m.Mode),
		fmt.Sprintf("%d/%d", m.Workers.Registered, m.Workers.Desired), strconv.Itoa(m.Workers.Busy), queued, done, failed,
		format.Age(m.Now.Sub(m.Started).Seconds()), sanitize(scheduler),
	}
}

func (p *program) printTable(columns []format.Column, rows [][]string) {
	for i, line := range format.Table(columns, rows) {
		if i == 0 {
			line = p.bold(line)
		}
		_ = p.out.printLine("%s", line)
	}
}

func sanitize(text string) string { return format.Sanitize(text, false) }

func countText(number uint64) string { return strconv.FormatUint(number, 10) }
