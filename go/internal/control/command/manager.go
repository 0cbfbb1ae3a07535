package command

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/control/top"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

// printManager prints one manager with its workers.
func (p *program) printManager(m *state.Manager) error {
	for _, line := range [][2]string{
		{"Manager", fmt.Sprintf("%s, pid %d, %s mode, %s, up %s",
			m.ID, m.Pid, m.Mode, m.Phase, format.Age(m.Now.Sub(m.Started).Seconds()))},
		{"Scheduler", scheduler(m.Scheduler)},
		{"Python", python(m)},
		{"Agent", agent(m)},
		{"Workers", workers(m.Workers)},
		{"", totals(m.Workers)},
		{"Tasks", tasks(m)},
		{"", averages(m)},
		{"Usage", usage(m)},
		{"Limit", memoryLimit(m.MemoryLimit)},
	} {
		if line[1] != "" {
			_ = p.out.printLine("%-10s %s", line[0], sanitize(line[1]))
		}
	}
	if len(m.Members) == 0 {
		return nil
	}
	_ = p.out.printLine("")
	var rows [][]string
	for _, worker := range m.Members {
		rows = append(rows, workerRow(m, worker))
	}
	p.printTable([]format.Column{
		{Title: "WORKER"}, {Title: "PID", Right: true}, {Title: "SLOT", Right: true}, {Title: "STATE"},
		{Title: "UP", Right: true}, {Title: "CPU%", Right: true}, {Title: memoryKind(m), Right: true},
		{Title: "DONE", Right: true}, {Title: "FAILED", Right: true}, {Title: "QUEUED", Right: true},
		{Title: "RUNS FOR", Right: true}, {Title: "TASK"},
	}, rows)
	return nil
}

func scheduler(s state.Scheduler) string {
	text := s.Address
	if s.Protocol != "" {
		text += ", " + s.Protocol
	}
	if s.Connected {
		text += ", connected"
	} else {
		text += ", not connected"
	}
	if s.Latency > 0 {
		text += ", heartbeat latency " + format.Interval(s.Latency)
	}
	return text + ", " + format.Count(s.Reconnects, "reconnect")
}

func python(m *state.Manager) string {
	text := m.Interpreter
	if m.Python != "" {
		text += ", Python " + m.Python
	}
	if m.Scaler != "" {
		text += ", Scaler " + m.Scaler
	}
	return text + ", scaler-native " + m.Program
}

func agent(m *state.Manager) string {
	switch {
	case m.Agent == "":
		return "unknown yet"
	case m.WhyAgent != "":
		return m.Agent + ": " + m.WhyAgent
	}
	return m.Agent
}

func workers(w state.Workers) string {
	return fmt.Sprintf("%d desired, %d registered, %d busy, %d draining, %d stopping",
		w.Desired, w.Registered, w.Busy, w.Draining, w.Stopping)
}

// totals returns the totals of workers since the manager started, and the causes of deaths.
func totals(w state.Workers) string {
	text := fmt.Sprintf("since start: %d started, %d ended, %d failed", w.Started, w.Ended, w.Failed)
	causes := slices.SortedFunc(maps.Keys(w.Deaths), func(a, b string) int {
		return cmp.Or(cmp.Compare(w.Deaths[b], w.Deaths[a]), cmp.Compare(a, b))
	})
	for i, cause := range causes {
		causes[i] = fmt.Sprintf("%s (%d)", cause, w.Deaths[cause])
	}
	if len(causes) > 0 {
		text += ", died: " + strings.Join(causes, ", ")
	}
	if w.HostRestarts > 0 {
		text += ", " + format.Count(w.HostRestarts, "host restart")
	}
	return text
}

func tasks(m *state.Manager) string {
	if !m.KnowsTasks() {
		return "unknown: Scaler's own agents do not report them"
	}
	t := m.Tasks
	return fmt.Sprintf(
		"%d running, %d queued; since start: %d done, %d failed, %d cancelled, %d died with their processor",
		t.Running, t.Queued, t.Succeeded, t.Failed, t.Cancelled, t.Died)
}

func averages(m *state.Manager) string {
	if !m.KnowsTasks() {
		return ""
	}
	var parts []string
	for _, some := range []struct {
		of   state.Histogram
		what string
	}{{m.Waits, "waiting"}, {m.Runs, "running"}} {
		var number uint64
		for _, counted := range some.of.Counts {
			number += counted
		}
		if number > 0 {
			parts = append(parts, format.Interval(some.of.Sum/float64(number))+" "+some.what)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "mean time per task: " + strings.Join(parts, ", ")
}

func usage(m *state.Manager) string {
	cpu, memory := m.Usage()
	text := fmt.Sprintf("workers %.2f CPUs, %s (%s); manager %.2f s of CPU time, %s (RSS)",
		cpu, size.Format(memory), memoryKind(m), m.CPU, size.Format(m.RSS))
	if m.Spares.Ready > 0 {
		text += fmt.Sprintf("; %s %s", format.Count(m.Spares.Ready, "spare processor"), size.Format(m.Spares.Bytes))
	}
	return text
}

func memoryLimit(l *state.MemoryLimit) string {
	if l == nil {
		return ""
	}
	text := size.Format(l.Bytes) + " of memory per worker, enforced by "
	if l.By == state.PSS {
		text += "the manager (PSS, once a second)"
	} else {
		text += "the kernel (cgroup)"
	}
	if l.Kills > 0 {
		text += fmt.Sprintf(", %d killed", l.Kills)
	}
	if l.Why != "" {
		text += "; no cgroups: " + l.Why
	}
	return text
}

func memoryKind(m *state.Manager) string { return strings.ToUpper(sanitize(m.MemoryKind)) }

// workerRow returns a worker's row of the table.
func workerRow(m *state.Manager, w state.Worker) []string {
	name := format.Short(w.ID)
	if name == "" {
		name = "-"
	}
	row := []string{
		sanitize(name), format.Pid(w.Pid), strconv.Itoa(w.Slot), sanitize(top.Phase(w)),
		format.Age(m.Now.Sub(w.Started).Seconds()), fmt.Sprintf("%.0f", w.CPU*100), size.Format(w.Memory),
	}
	if !m.KnowsTasks() {
		return append(row, "-", "-", "-", "-", "-")
	}
	runs, text := "-", ""
	if task := top.Current(w); task != nil {
		runs = format.Age(m.Now.Sub(task.Began).Seconds())
		text = sanitize(strings.TrimSpace(task.Function + " " + task.ID))
	}
	return append(row,
		countText(w.Tasks.Succeeded), countText(w.Tasks.Failed+w.Tasks.Died), strconv.Itoa(w.Tasks.Queued), runs, text)
}
