// Package top shows managers in a terminal, live. What a screen shows is made of states alone, in view.go; the terminal is
// in screen.go.
package top

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// Style is how a line looks.
type Style int

// The styles of lines.
const (
	Plain Style = iota
	Bold
	Reverse
	Warning
)

// Line is a line of the screen.
type Line struct {
	Text  string
	Style Style
}

// View is what a screen is made of.
type View struct {
	// Manager is nil before it has answered. Before is its state some time ago, if there is one, for what it does a second.
	Manager, Before *state.Manager
	// Problem is why the last question had no answer.
	Problem string
	// Index of Count managers is shown, from 0.
	Index, Count  int
	Width, Height int
	Order         Order
	Reverse       bool
	// Scroll is how many workers are above the first line of the table.
	Scroll int
}

// header is how many lines stand above the table's titles, with an empty one.
const header = 6

// Rows is how many workers fit.
func (v View) Rows() int { return max(0, v.Height-header-2) }

// Lines are the screen from top to bottom: as many as it is high, none wider than it is.
func (v View) Lines() []Line {
	var lines []Line
	if v.Manager != nil {
		lines = append(v.about(), v.table()...)
	} else if v.Problem == "" {
		lines = []Line{{"waiting for the manager's answer", Plain}}
	}
	if v.Problem != "" {
		lines = append([]Line{{v.Problem, Warning}}, lines[min(1, len(lines)):]...)
	}
	for len(lines) < v.Height-1 {
		lines = append(lines, Line{})
	}
	lines = append(lines[:max(0, min(len(lines), v.Height-1))], Line{v.help(), Reverse})
	lines = lines[:min(len(lines), max(0, v.Height))]
	for i := range lines {
		lines[i].Text = format.Cut(format.Clean(lines[i].Text, false), v.Width)
		if lines[i].Style == Reverse {
			lines[i].Text = format.Pad(lines[i].Text, v.Width, false)
		}
	}
	return lines
}

// about is the header.
func (v View) about() []Line {
	m := v.Manager
	first := fmt.Sprintf("%s  pid %d  %s  up %s", m.ID, m.Pid, m.Phase, format.Age(m.Now.Sub(m.Started).Seconds()))
	if v.Count > 1 {
		first += fmt.Sprintf("  (manager %d of %d)", v.Index+1, v.Count)
	}
	connection, style := "not connected", Warning
	if m.Scheduler.Connected {
		connection, style = "connected", Plain
	}
	if m.Scheduler.Connected && m.Scheduler.Latency > 0 {
		connection = "heartbeat " + format.Interval(m.Scheduler.Latency)
	}
	scheduler := fmt.Sprintf("Scheduler  %s %s  %s", m.Scheduler.Address, m.Scheduler.Protocol, connection)
	if m.Scheduler.Reconnects > 0 {
		scheduler += fmt.Sprintf("  %s", format.Count(m.Scheduler.Reconnects, "reconnect"))
	}
	w, t := m.Workers, m.Tasks
	workers := fmt.Sprintf("Workers    %d desired  %d registered  %d busy", w.Desired, w.Registered, w.Busy)
	for _, some := range []struct {
		number int
		what   string
	}{{w.Draining, "draining"}, {w.Stopping, "stopping"}, {deaths(m), "died"}, {w.HostRestarts, "host restarts"}} {
		if some.number > 0 {
			workers += fmt.Sprintf("  %d %s", some.number, some.what)
		}
	}
	tasks := fmt.Sprintf("Tasks      %s/s  %d queued  %d running  %d done  %d failed", v.rate(), t.Queued, t.Running,
		t.Succeeded, t.Failed+t.Died)
	if t.Cancelled > 0 {
		tasks += fmt.Sprintf("  %d cancelled", t.Cancelled)
	}
	if !knowsTasks(m) {
		tasks = "Tasks      unknown: Scaler's own agents do not tell"
	}
	cpu, memory := sums(m)
	use := fmt.Sprintf("Use        workers: %.2f CPU %s  manager: %s CPU %s", cpu, format.Size(memory), v.managerCPU(), format.Size(m.RSS))
	if m.Spares.Ready > 0 {
		use += fmt.Sprintf("  %d spare", m.Spares.Ready)
	}
	return []Line{{first, Bold}, {scheduler, style}, {workers, Plain}, {tasks, Plain}, {use, Plain}, {}}
}

func (v View) help() string {
	shown := ""
	if v.Manager != nil {
		total := len(v.Manager.Members)
		from := min(v.Scroll, max(0, total-v.Rows()))
		shown = fmt.Sprintf("%d-%d of %d  ", min(from+1, total), min(from+v.Rows(), total), total)
	}
	next := ""
	if v.Count > 1 {
		next = "[Tab] next "
	}
	return shown + "[c]pu [m]emory [t]ask age [n]umber [r]everse " + next + "[q]uit"
}

// rate is how many tasks have ended a second.
func (v View) rate() string {
	seconds := v.between()
	if seconds <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", (ended(v.Manager)-ended(v.Before))/seconds)
}

func (v View) managerCPU() string {
	seconds := v.between()
	if seconds <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", max(0, v.Manager.CPU-v.Before.CPU)/seconds)
}

// between is the time between the two states, in seconds; 0 if they are not of the same manager.
func (v View) between() float64 {
	if v.Before == nil || v.Before.Pid != v.Manager.Pid || !v.Before.Started.Equal(v.Manager.Started) {
		return 0
	}
	return v.Manager.Now.Sub(v.Before.Now).Seconds()
}

func ended(m *state.Manager) float64 {
	return float64(m.Tasks.Succeeded) + float64(m.Tasks.Failed) + float64(m.Tasks.Cancelled) + float64(m.Tasks.Died)
}

// knowsTasks says whether the manager knows of tasks: Scaler's own agents tell it nothing.
func knowsTasks(m *state.Manager) bool { return m.Agent != "scaler" }

func deaths(m *state.Manager) (number int) {
	for _, of := range m.Workers.Deaths {
		number += of
	}
	return number
}

func sums(m *state.Manager) (cpu float64, memory uint64) {
	for _, worker := range m.Members {
		cpu += worker.CPU
		memory += worker.Memory
	}
	return cpu, memory
}

// table are the titles and as many workers as fit.
func (v View) table() []Line {
	members := slices.Clone(v.Manager.Members)
	v.Order.sort(members, v.Manager.Now, v.Reverse)
	columns := v.columns()
	titles := make([]string, len(columns))
	for i, column := range columns {
		titles[i] = format.Pad(column.title, column.width, column.right)
	}
	lines := []Line{{strings.Join(titles, " "), Reverse}}
	from := min(v.Scroll, max(0, len(members)-v.Rows()))
	for _, worker := range members[from:min(from+v.Rows(), len(members))] {
		cells := make([]string, len(columns))
		for i, column := range columns {
			cells[i] = format.Pad(format.Cut(column.text(worker), column.width), column.width, column.right)
		}
		style := Plain
		if worker.State == "killed" {
			style = Warning
		}
		lines = append(lines, Line{strings.TrimRight(strings.Join(cells, " "), " "), style})
	}
	return lines
}
