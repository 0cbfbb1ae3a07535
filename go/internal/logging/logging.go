// Package logging writes the manager's log in the style of the installed Scaler: same line formats, level names and
// paths. Lines that are logged before the release is known are held back until it is. Or it writes JSON, an object a
// line. Either is a slog.Handler for each path; what comes before them, as the counting of floods, is the same.
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

// Logger writes lines to some paths. It is safe for use by several goroutines. The nil Logger writes nothing.
type Logger struct {
	*log
	fields Fields // of every line
}

// log is what all Loggers have in common that With has made of one.
type log struct {
	level Level
	json  bool

	mu       sync.Mutex // guards all below
	format   format     // nil while lines are held back
	held     []line
	targets  []target
	handlers []slog.Handler // of the targets
	floods   map[floodKey]*flood
	recent   recent
	now      func() time.Time
}

// format makes what writes lines to a target; those of files may be other ones.
type format func(to io.Writer, file bool) slog.Handler

// New makes a logger for paths as Scaler's --logging-paths takes them: "-" and
// "/dev/stdout", "/dev/stderr", or files, which are opened now and start anew at
// midnight under the name of the day that ended.
func New(paths []string, level Level) (*Logger, error) {
	targets, err := openTargets(paths)
	if err != nil {
		return nil, err
	}
	return &Logger{log: &log{level: level, targets: targets, now: time.Now}}, nil
}

// NewJSON makes a logger that writes JSON in the name of a manager. There is no style to wait for.
func NewJSON(paths []string, level Level, manager string) (*Logger, error) {
	l, err := New(paths, level)
	if err == nil {
		l.json = true
		l.use(jsonFormat(manager, level))
	}
	return l, err
}

// With is a logger whose lines are about something.
func (l *Logger) With(about Fields) *Logger {
	if l == nil {
		return nil
	}
	return &Logger{l.log, l.fields.with(about)}
}

// SetStyle gives the style and writes what was held back. JSON has none.
func (l *Logger) SetStyle(style Style) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.json {
		l.use(style.handler)
	}
}

// use needs l.mu held, unless nobody else knows of l.
func (l *Logger) use(format format) {
	l.format, l.handlers = format, nil
	for _, target := range l.targets {
		l.handlers = append(l.handlers, format(target, target.file()))
	}
	for _, held := range l.held {
		l.write(held)
	}
	l.held = nil
}

// Flush writes what was not written yet: how many lines were omitted, and, in the plain style if no release was found,
// what is held back.
func (l *Logger) Flush() {
	l.mu.Lock()
	l.summarize(l.now(), true)
	waiting := l.format == nil
	l.mu.Unlock()
	if waiting {
		l.SetStyle(Plain)
	}
}

// Reopen opens the files again, after something has renamed them.
func (l *Logger) Reopen() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, target := range l.targets {
		if file, ok := target.(*rotating); ok {
			if err := file.reopen(); err != nil {
				return err
			}
		}
	}
	return nil
}

// OnFile tells whether the log goes to a file.
func (l *Logger) OnFile() bool {
	for _, target := range l.targets {
		if target.file() {
			return true
		}
	}
	return false
}

// OnScreen tells whether the log goes to standard output or error.
func (l *Logger) OnScreen() bool {
	for _, target := range l.targets {
		if !target.file() {
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

// Logf logs at a level that somebody else has chosen.
func (l *Logger) Logf(level Level, format string, a ...any) { l.add(level, format, a) }

// add is called by nobody but the methods above: the line is from whoever has called them.
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
	if l.admit(floodKey{level, format}, entry) {
		l.put(entry)
	}
}

// put writes a line, or holds it back. It needs l.mu held.
func (l *Logger) put(entry line) {
	if l.format == nil {
		l.held = append(l.held, entry)
		return
	}
	l.write(entry)
}

// write needs l.mu held.
func (l *Logger) write(entry line) {
	if entry.fields.Worker != "" {
		l.recent.add(entry)
	}
	for _, handler := range l.handlers {
		// There is nobody to tell when a log cannot be written, and a full disk must not stop the workers.
		_ = handler.Handle(context.Background(), entry.record())
	}
}
