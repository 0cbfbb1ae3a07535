// Package logging writes the manager's log in the style of the installed Scaler (line formats, level names, paths) or
// as JSON. Until the style is known, lines are buffered. Repeated warnings and errors are rate-limited.
package logging

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"time"
)

// Logger writes lines to one or more paths. It is safe for concurrent use. A nil Logger discards them.
type Logger struct {
	*log
	fields Fields // of every line
}

// log is the state that a Logger shares with those made from it by With.
type log struct {
	level Level
	json  bool

	mu       sync.Mutex // guards all below
	format   format     // nil until the style is known
	buffered []line
	targets  []target
	handlers []slog.Handler // of the targets
	floods   map[floodKey]*flood
	recent   recent
	now      func() time.Time
}

// format makes the handler that writes lines to a target. The format for files may be another one.
type format func(to io.Writer, file bool) slog.Handler

// New makes a logger for the paths of Scaler's --logging-paths: "-" or "/dev/stdout", "/dev/stderr", or files. It
// opens the files. At midnight they are renamed to PATH.YYYY-MM-DD, the day that ended.
func New(paths []string, level Level) (*Logger, error) {
	targets, err := openTargets(paths)
	if err != nil {
		return nil, err
	}
	return &Logger{log: &log{level: level, targets: targets, now: time.Now}}, nil
}

// NewJSON makes a logger that writes JSON. manager is the id of the manager, a field of each line.
func NewJSON(paths []string, level Level, manager string) (*Logger, error) {
	l, err := New(paths, level)
	if err == nil {
		l.json = true
		l.setFormat(jsonFormat(manager, level))
	}
	return l, err
}

// With returns a logger that adds fields to its lines.
func (l *Logger) With(about Fields) *Logger {
	if l == nil {
		return nil
	}
	return &Logger{l.log, l.fields.with(about)}
}

// SetStyle sets the style, and writes the buffered lines. It has no effect on JSON.
func (l *Logger) SetStyle(style Style) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.json {
		l.setFormat(style.handler)
	}
}

// setFormat sets the format and writes the buffered lines. l.mu must be held once l is shared.
func (l *Logger) setFormat(format format) {
	l.format, l.handlers = format, nil
	for _, target := range l.targets {
		l.handlers = append(l.handlers, format(target, target.isFile()))
	}
	for _, held := range l.buffered {
		l.write(held)
	}
	l.buffered = nil
}

// Flush writes the number of lines omitted so far, and, in the style Plain if none was set, the buffered lines.
func (l *Logger) Flush() {
	l.mu.Lock()
	l.summarize(l.now(), true)
	waiting := l.format == nil
	l.mu.Unlock()
	if waiting {
		l.SetStyle(Plain)
	}
}

// Reopen opens the files again, after logrotate or the like has renamed them.
func (l *Logger) Reopen() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, target := range l.targets {
		if file, ok := target.(*rotatingFile); ok {
			if err := file.reopen(); err != nil {
				return err
			}
		}
	}
	return nil
}

// OnFile reports whether the log is written to a file.
func (l *Logger) OnFile() bool {
	for _, target := range l.targets {
		if target.isFile() {
			return true
		}
	}
	return false
}

// OnScreen reports whether the log is written to standard output or standard error.
func (l *Logger) OnScreen() bool {
	for _, target := range l.targets {
		if !target.isFile() {
			return true
		}
	}
	return false
}

// Debugf logs at DEBUG.
func (l *Logger) Debugf(format string, a ...any) { l.add(Debug, format, a) }

// Infof logs at INFO.
func (l *Logger) Infof(format string, a ...any) { l.add(Info, format, a) }

// Warningf logs at WARNING.
func (l *Logger) Warningf(format string, a ...any) { l.add(Warning, format, a) }

// Errorf logs at ERROR.
func (l *Logger) Errorf(format string, a ...any) { l.add(Error, format, a) }

// Logf logs at the given level.
func (l *Logger) Logf(level Level, format string, a ...any) { l.add(level, format, a) }

// add must be called by the methods above only: the source of the line is two frames up.
func (l *Logger) add(level Level, format string, a []any) {
	if l == nil || level < l.level {
		return
	}
	var callers [1]uintptr
	runtime.Callers(3, callers[:])
	entry := line{at: l.now(), level: level, text: fmt.Sprintf(format, a...), from: callers[0], fields: l.fields}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.summarize(entry.at, false)
	if l.allow(floodKey{level, format}, entry) {
		l.writeOrBuffer(entry)
	}
}

// writeOrBuffer writes or buffers a line. l.mu must be held.
func (l *Logger) writeOrBuffer(entry line) {
	if l.format == nil {
		l.buffered = append(l.buffered, entry)
		return
	}
	l.write(entry)
}

// write requires that l.mu is held.
func (l *Logger) write(entry line) {
	if entry.fields.Worker != "" {
		l.recent.add(entry)
	}
	for i, handler := range l.handlers {
		if stream, ok := l.targets[i].(*standardStream); ok && stream.lost > 0 && stream.hasRoom(0) {
			missing := line{at: entry.at, level: Warning, from: entry.from,
				text: fmt.Sprintf("%d lines of the log are missing here: nobody read them", stream.lost)}
			stream.lost = 0
			_ = handler.Handle(context.Background(), missing.record())
		}
		// Ignored: there is nowhere to report it, and a full disk must not stop the workers.
		_ = handler.Handle(context.Background(), entry.record())
	}
}
