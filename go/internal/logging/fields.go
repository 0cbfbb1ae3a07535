package logging

import (
	"log/slog"
	"time"
)

// Fields say what a line is about. Zero values are unknown or not applicable.
type Fields struct {
	Worker    string // its identity at the scheduler
	Pid       int    // of the worker
	Processor int    // pid
	Task      string // id, hexadecimal
}

// with returns f with the non-zero fields of others.
func (f Fields) with(others Fields) Fields {
	if others.Worker != "" {
		f.Worker = others.Worker
	}
	if others.Pid != 0 {
		f.Pid = others.Pid
	}
	if others.Processor != 0 {
		f.Processor = others.Processor
	}
	if others.Task != "" {
		f.Task = others.Task
	}
	return f
}

// line is a line of the log.
type line struct {
	at      time.Time
	level   Level
	text    string
	from    uintptr // program counter, see runtime.Callers
	fields  Fields
	omitted int // number of omitted lines that this one summarizes
}

// record converts the line for log/slog.
func (e line) record() slog.Record {
	record := slog.NewRecord(e.at, e.level.Level(), e.text, e.from)
	text := func(name, value string) {
		if value != "" {
			record.AddAttrs(slog.String(name, value))
		}
	}
	number := func(name string, value int) {
		if value != 0 {
			record.AddAttrs(slog.Int(name, value))
		}
	}
	text("worker", e.fields.Worker)
	number("worker_pid", e.fields.Pid)
	number("processor_pid", e.fields.Processor)
	text("task", e.fields.Task)
	number("omitted", e.omitted)
	return record
}
