package logging

import (
	"log/slog"
	"time"
)

// Fields say what a line is about. What is not known, or is nothing of the line's, is left out.
type Fields struct {
	Worker    string // id, as the scheduler knows it
	Pid       int    // of the worker
	Processor int    // pid
	Task      string // id, hexadecimal
}

// with are the fields with those of others that are known there.
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

// line is a line that is to be written, or was.
type line struct {
	at      time.Time
	level   Level
	text    string
	from    uintptr // where in the program, as runtime.Callers tells it
	fields  Fields
	omitted int // lines that this one stands for
}

// record is the line as log/slog has it.
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
