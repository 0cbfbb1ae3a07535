// Package top is the live display of managers in a terminal. A View renders states to lines of text; Run owns the
// terminal.
package top

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

// Style is the style of a line.
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

// View is the content of a screen.
type View struct {
	Manager       *state.Manager // nil until it has answered
	Before        *state.Manager // its previous state, for rates; may be nil
	Problem       string         // why the last request failed, or empty
	Index, Count  int            // Manager is number Index, from 0, of Count
	Width, Height int            // of the terminal, in characters
	Order         Order
	Reverse       bool
	Scroll        int // number of workers above the first row shown
}

// headerLines is the number of lines above the table's titles.
const headerLines = 6

// Rows returns the number of workers that fit.
func (v View) Rows() int { return max(0, v.Height-headerLines-2) }

// Lines renders the screen: Height lines of at most Width characters.
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
		lines[i].Text = format.Truncate(format.Sanitize(lines[i].Text, false), v.Width)
		if lines[i].Style == Reverse {
			lines[i].Text = format.Pad(lines[i].Text, v.Width, false)
		}
	}
	return lines
}

// about renders the header.
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
	if !m.KnowsTasks() {
		tasks = "Tasks      unknown: Scaler's own agents do not report them"
	}
	cpu, memory := m.Usage()
	use := fmt.Sprintf("Usage      workers: %.2f CPU %s  manager: %s CPU %s",
		cpu, size.Format(memory), v.managerCPU(), size.Format(m.RSS))
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

// rate is the number of tasks that finish per second.
func (v View) rate() string {
	seconds := v.elapsed()
	if seconds <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", (float64(v.Manager.Tasks.Finished())-float64(v.Before.Tasks.Finished()))/seconds)
}

func (v View) managerCPU() string {
	seconds := v.elapsed()
	if seconds <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", max(0, v.Manager.CPU-v.Before.CPU)/seconds)
}

// elapsed is the time between the two states in seconds, or 0 if they are of different managers.
func (v View) elapsed() float64 {
	if v.Before == nil || v.Before.Pid != v.Manager.Pid || !v.Before.Started.Equal(v.Manager.Started) {
		return 0
	}
	return v.Manager.Now.Sub(v.Before.Now).Seconds()
}

func deaths(m *state.Manager) (number int) {
	for _, of := range m.Workers.Deaths {
		number += of
	}
	return number
}

// table renders the titles and as many workers as fit.
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
			cells[i] = format.Pad(format.Truncate(column.text(worker), column.width), column.width, column.right)
		}
		style := Plain
		if worker.State == "killed" {
			style = Warning
		}
		lines = append(lines, Line{strings.TrimRight(strings.Join(cells, " "), " "), style})
	}
	return lines
}
