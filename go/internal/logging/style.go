package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Style is the line format of a release of Scaler.
type Style struct {
	Screen string           // format string of Python's logging, for standard output and error
	File   string           // for files
	Levels map[Level]string // names of levels
}

// Plain is the style of Scaler 2.9.0, for use if no Scaler was found.
var Plain = Style{
	Screen: "%(asctime)s %(levelname)s baremetal_native[%(process)d]: %(message)s",
	File:   "%(asctime)s %(levelname)s baremetal_native[%(process)d] %(name)s:%(funcName)s:%(lineno)s: %(message)s",
	Levels: levelNames,
}

func (s Style) handler(to io.Writer, file bool) slog.Handler {
	if file {
		return styled{to, s.File, s.Levels}
	}
	return styled{to, s.Screen, s.Levels}
}

// styled writes lines in the style of Scaler, which has no place for fields.
type styled struct {
	to     io.Writer
	format string
	levels map[Level]string
}

// Enabled returns true: Logger has checked the level.
func (styled) Enabled(context.Context, slog.Level) bool { return true }

func (s styled) Handle(_ context.Context, record slog.Record) error {
	_, err := io.WriteString(s.to, render(s.format, s.levels, record, sourceOf(record.PC))+"\n")
	return err
}

func (s styled) WithAttrs([]slog.Attr) slog.Handler { return s }

func (s styled) WithGroup(string) slog.Handler { return s }

// source is the place in the program where a line was logged.
type source struct {
	function string
	module   string // as in Python: the file name without its extension
	number   int
}

func sourceOf(pc uintptr) source {
	frame, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return source{
		function: frame.Function[strings.LastIndexByte(frame.Function, '.')+1:],
		module:   strings.TrimSuffix(filepath.Base(frame.File), ".go"),
		number:   frame.Line,
	}
}

// render expands a format string of Python's logging, for the attributes that Scaler's formats use.
func render(format string, levels map[Level]string, record slog.Record, from source) string {
	return strings.NewReplacer(
		"%(asctime)s", record.Time.Format("2006-01-02 15:04:05-0700"),
		"%(levelname)s", levels[levelOf(record.Level)],
		"%(message)s", record.Message,
		"%(process)d", fmt.Sprint(os.Getpid()),
		"%(name)s", "scaler.native",
		"%(module)s", from.module,
		"%(funcName)s", from.function,
		"%(lineno)s", fmt.Sprint(from.number),
		"%(lineno)d", fmt.Sprint(from.number),
	).Replace(format)
}
