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
		Use: "status [MANAGER]", Short: "Show the managers of this host, or one in full with its workers",
		Long: `Shows a line for each manager of this host; one that is named, or is the only one, in full with its workers.

In full, memory is PSS: what processes share is shared among them. Reading it takes some milliseconds a worker. With
--quick it is what the manager knows already, which may be RSS: that counts shared memory in each process anew.

--json prints each manager as one line of JSON.`,
		Example: `  scaler-native status
  scaler-native status 4711 --json | jq '.workers.busy'
  # pids of the workers that have been at a task for more than an hour
  scaler-native status --json | jq '.now as $now | .members[] | select(.processors[]?.task.began < $now) | .pid'`,
		Args:              arguments(0, 1, "at most one manager"),
		ValidArgsFunction: p.completeManagers,
		RunE: func(command *cobra.Command, names []string) error {
			list, err := p.some(command.Context(), names)
			if err != nil {
				return err
			}
			alone := len(list) == 1 && list[0].Err == nil
			if alone && !quick {
				list[0].State, list[0].Err = list[0].Status(command.Context(), true)
			}
			if !p.json && alone && list[0].Err == nil {
				return p.sayManager(&list[0].State.Value)
			}
			return p.sayManagers(list)
		},
	}
	command.Flags().BoolVar(&quick, "quick", false, "show the memory that the manager knows already, without reading it anew")
	return command
}

// sayManagers prints a line of each. The error is of the first that has not answered.
func (p *program) sayManagers(list []client.Found) error {
	var problems []error
	var rows [][]string
	for _, manager := range list {
		switch {
		case manager.Err != nil:
			problems = append(problems, manager.Err)
			rows = append(rows, []string{"?", number(manager.Pid()), "no answer", "", "", "", "", "", "", "", ""})
		case p.json:
			if err := p.sayJSON(manager.State.Text); err != nil {
				return err
			}
		default:
			rows = append(rows, row(&manager.State.Value))
		}
	}
	if !p.json {
		p.sayTable([]format.Column{{Title: "MANAGER"}, {Title: "PID", Right: true}, {Title: "PHASE"}, {Title: "MODE"},
			{Title: "WORKERS", Right: true}, {Title: "BUSY", Right: true}, {Title: "QUEUED", Right: true},
			{Title: "DONE", Right: true}, {Title: "FAILED", Right: true}, {Title: "UP", Right: true}, {Title: "SCHEDULER"}}, rows)
	}
	return errors.Join(problems...)
}

func row(m *state.Manager) []string {
	scheduler := m.Scheduler.Address
	if !m.Scheduler.Connected {
		scheduler += " (not connected)"
	}
	queued, done, failed := strconv.Itoa(m.Tasks.Queued), count(m.Tasks.Succeeded), count(m.Tasks.Failed+m.Tasks.Died)
	if !knowsTasks(m) {
		queued, done, failed = "-", "-", "-"
	}
	return []string{clean(m.ID), number(m.Pid), clean(m.Phase), clean(m.Mode), fmt.Sprintf("%d/%d", m.Workers.Registered, m.Workers.Desired),
		strconv.Itoa(m.Workers.Busy), queued, done, failed, format.Age(m.Now.Sub(m.Started).Seconds()), clean(scheduler)}
}

func (p *program) sayTable(columns []format.Column, rows [][]string) {
	for i, line := range format.Table(columns, rows) {
		if i == 0 {
			line = p.bold(line)
		}
		_ = p.out.say("%s", line)
	}
}

// knowsTasks says whether the manager knows of tasks: Scaler's own agents tell it nothing.
func knowsTasks(m *state.Manager) bool { return m.Agent != "scaler" }

func clean(text string) string { return format.Clean(text, false) }

func count(number uint64) string { return strconv.FormatUint(number, 10) }

func number(pid int) string {
	if pid == 0 {
		return "-"
	}
	return strconv.Itoa(pid)
}
