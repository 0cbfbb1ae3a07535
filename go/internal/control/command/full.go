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
)

// sayManager prints one manager in full.
func (p *program) sayManager(m *state.Manager) error {
	for _, line := range [][2]string{
		{"Manager", fmt.Sprintf("%s, pid %d, %s mode, %s, up %s", m.ID, m.Pid, m.Mode, m.Phase, format.Age(m.Now.Sub(m.Started).Seconds()))},
		{"Scheduler", scheduler(m.Scheduler)},
		{"Python", python(m)},
		{"Agent", agent(m)},
		{"Workers", workers(m.Workers)},
		{"", since(m.Workers)},
		{"Tasks", tasks(m)},
		{"", times(m)},
		{"Use", use(m)},
		{"Limit", limit(m.MemoryLimit)},
	} {
		if line[1] != "" {
			_ = p.out.say("%-10s %s", line[0], clean(line[1]))
		}
	}
	if len(m.Members) == 0 {
		return nil
	}
	_ = p.out.say("")
	var rows [][]string
	for _, worker := range m.Members {
		rows = append(rows, member(m, worker))
	}
	p.sayTable([]format.Column{{Title: "WORKER"}, {Title: "PID", Right: true}, {Title: "SLOT", Right: true}, {Title: "STATE"},
		{Title: "UP", Right: true}, {Title: "CPU%", Right: true}, {Title: memoryKind(m), Right: true}, {Title: "DONE", Right: true},
		{Title: "FAILED", Right: true}, {Title: "QUEUED", Right: true}, {Title: "RUNS FOR", Right: true}, {Title: "TASK"}}, rows)
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
		text += ", heartbeat answered in " + format.Interval(s.Latency)
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
		return "not known yet"
	case m.WhyAgent != "":
		return m.Agent + ": " + m.WhyAgent
	}
	return m.Agent
}

func workers(w state.Workers) string {
	return fmt.Sprintf("%d desired, %d registered, %d busy, %d draining, %d stopping", w.Desired, w.Registered, w.Busy, w.Draining, w.Stopping)
}

// since tells of the workers since the manager's start, and what they died of.
func since(w state.Workers) string {
	text := fmt.Sprintf("since the start: %d started, %d ended, %d failed", w.Started, w.Ended, w.Failed)
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
		text += ", " + format.Count(w.HostRestarts, "restart") + " of the worker host"
	}
	return text
}

func tasks(m *state.Manager) string {
	if !knowsTasks(m) {
		return "unknown: Scaler's own agents do not tell"
	}
	t := m.Tasks
	return fmt.Sprintf("%d running, %d queued; since the start: %d done, %d failed, %d cancelled, %d died with their processor",
		t.Running, t.Queued, t.Succeeded, t.Failed, t.Cancelled, t.Died)
}

func times(m *state.Manager) string {
	if !knowsTasks(m) {
		return ""
	}
	var parts []string
	for _, some := range []struct {
		of   state.Histogram
		what string
	}{{m.Waits, "to start"}, {m.Runs, "to run"}} {
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
	return "a task took on average " + strings.Join(parts, ", ")
}

func use(m *state.Manager) string {
	var cpu float64
	var memory uint64
	for _, worker := range m.Members {
		cpu += worker.CPU
		memory += worker.Memory
	}
	text := fmt.Sprintf("workers %.2f CPUs and %s (%s); manager %.2f s of CPU since its start and %s (RSS)",
		cpu, format.Size(memory), memoryKind(m), m.CPU, format.Size(m.RSS))
	if m.Spares.Ready > 0 {
		text += fmt.Sprintf("; %s %s", format.Count(m.Spares.Ready, "spare processor"), format.Size(m.Spares.Bytes))
	}
	return text
}

func limit(l *state.MemoryLimit) string {
	if l == nil {
		return ""
	}
	by := "the kernel (cgroup)"
	if l.By == state.PSS {
		by = "the manager (PSS, once a second)"
	}
	text := fmt.Sprintf("%s of memory a worker, enforced by %s", format.Size(l.Bytes), by)
	if l.Kills > 0 {
		text += fmt.Sprintf("; %d killed for it", l.Kills)
	}
	if l.Why != "" {
		text += "; no cgroup: " + l.Why
	}
	return text
}

func memoryKind(m *state.Manager) string { return strings.ToUpper(clean(m.MemoryKind)) }

// member is a worker's row.
func member(m *state.Manager, w state.Worker) []string {
	name := format.Short(w.ID)
	if name == "" {
		name = "-"
	}
	row := []string{clean(name), number(w.Pid), strconv.Itoa(w.Slot), clean(top.Phase(w)), format.Age(m.Now.Sub(w.Started).Seconds()),
		fmt.Sprintf("%.0f", w.CPU*100), format.Size(w.Memory)}
	if !knowsTasks(m) {
		return append(row, "-", "-", "-", "-", "-")
	}
	runs, text := "-", ""
	if task := top.Current(w); task != nil {
		runs = format.Age(m.Now.Sub(task.Began).Seconds())
		text = clean(strings.TrimSpace(task.Function + " " + task.ID))
	}
	return append(row, count(w.Tasks.Succeeded), count(w.Tasks.Failed+w.Tasks.Died), strconv.Itoa(w.Tasks.Queued), runs, text)
}
