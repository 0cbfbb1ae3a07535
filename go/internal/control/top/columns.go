package top

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/scaler-native/scaler-native/go/internal/control/format"
	"github.com/scaler-native/scaler-native/go/internal/control/state"
	"github.com/scaler-native/scaler-native/go/internal/size"
)

type column struct {
	title string
	width int
	right bool
	text  func(state.Worker) string
}

// wideWidth is the width in characters from which the less important columns are shown.
const wideWidth = 110

// columns returns the columns that fit. The last one takes the remaining width.
func (v View) columns() []column {
	known := v.Manager.KnowsTasks()
	of := func(text func(state.Worker) string) func(state.Worker) string {
		if known {
			return text
		}
		return func(state.Worker) string { return "-" }
	}
	list := []column{
		{"NO", 5, true, func(w state.Worker) string { return strconv.Itoa(w.Number) }},
		{"PID", 7, true, func(w state.Worker) string { return format.Pid(w.Pid) }},
		{"STATE", 10, false, Phase},
		{"CPU%", 5, true, func(w state.Worker) string { return fmt.Sprintf("%.0f", w.CPU*100) }},
		{strings.ToUpper(v.Manager.MemoryKind), 10, true, func(w state.Worker) string { return size.Format(w.Memory) }},
		{"DONE", 7, true, of(func(w state.Worker) string { return strconv.FormatUint(w.Tasks.Succeeded, 10) })},
		{"FAILED", 6, true, of(func(w state.Worker) string { return strconv.FormatUint(w.Tasks.Failed+w.Tasks.Died, 10) })},
		{"RUNS FOR", 8, true, of(v.runsFor)},
	}
	if v.Width >= wideWidth {
		list = append([]column{
			{"WORKER", 8, false, func(w state.Worker) string { return format.Short(w.ID) }},
			{"SLOT", 4, true, func(w state.Worker) string { return strconv.Itoa(w.Slot) }},
			{"UP", 6, true, func(w state.Worker) string { return format.Age(v.Manager.Now.Sub(w.Started).Seconds()) }},
			{"QUEUED", 6, true, of(func(w state.Worker) string { return strconv.Itoa(w.Tasks.Queued) })},
		}, list...)
	}
	left := v.Width
	for _, column := range list {
		left -= column.width + 1
	}
	return append(list, column{"TASK", max(0, left), false, of(v.task)})
}

// Phase returns a worker's state for people: "busy" or "idle" if it is registered.
func Phase(w state.Worker) string {
	switch {
	case w.State != "registered":
		return w.State
	case w.Busy:
		return "busy"
	}
	return "idle"
}

// Current returns the task that a worker has run for the longest time, or nil.
func Current(w state.Worker) (task *state.Task) {
	for _, processor := range w.Processors {
		if processor.Task != nil && (task == nil || processor.Task.Began.Before(task.Began)) {
			task = processor.Task
		}
	}
	return task
}

func (v View) runsFor(w state.Worker) string {
	if task := Current(w); task != nil {
		return format.Age(v.Manager.Now.Sub(task.Began).Seconds())
	}
	return "-"
}

// task is the name of the function, or the task's id if it is unknown; both in a wide terminal.
func (v View) task(w state.Worker) string {
	task := Current(w)
	switch {
	case task == nil:
		return ""
	case task.Function == "":
		return task.ID
	case v.Width >= wideWidth:
		return task.Function + " " + task.ID
	}
	return task.Function
}
