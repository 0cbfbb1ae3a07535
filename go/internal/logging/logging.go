// Package logging writes the manager's log in the style of the installed Scaler: same line formats, level names and paths.
// Lines that are logged before the release is known are held back until it is.
package logging

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"
)

// Level is a severity with the number that Python's logging gives it.
type Level int

// The levels.
const (
	Debug    Level = 10
	Info     Level = 20
	Warning  Level = 30
	Error    Level = 40
	Critical Level = 50
)

// ParseLevel reads a level's name as Scaler's --logging-level takes it.
func ParseLevel(name string) (Level, error) {
	for level, known := range levelNames {
		if name == known {
			return level, nil
		}
	}
	return 0, fmt.Errorf("unknown logging level %q", name)
}

var levelNames = map[Level]string{
	Debug: "DEBUG", Info: "INFO", Warning: "WARNING", Error: "ERROR", Critical: "CRITICAL",
}

// Style is how a release of Scaler writes a line.
type Style struct {
	Screen string           // format of Python's logging for standard output and error
	File   string           // for files
	Levels map[Level]string // the names of levels
}

// Plain is the style of the newest release known (2.9.0), for when there is none installed.
var Plain = Style{
	Screen: "%(asctime)s %(levelname)s baremetal_native[%(process)d]: %(message)s",
	File:   "%(asctime)s %(levelname)s baremetal_native[%(process)d] %(name)s:%(funcName)s:%(lineno)s: %(message)s",
	Levels: levelNames,
}

// Logger writes lines to some paths. It is safe for use by several goroutines.
type Logger struct {
	level Level

	mu      sync.Mutex // guards all below
	style   *Style     // nil while lines are held back
	held    []line
	targets []target
	floods  map[floodKey]*flood
	now     func() time.Time
}

type line struct {
	at       time.Time
	level    Level
	text     string
	function string
	module   string
	number   int
}

type target interface {
	io.Writer
	// file tells whether lines have the format for files.
	file() bool
}

// New makes a logger for paths as Scaler's --logging-paths takes them: "-" and
// "/dev/stdout", "/dev/stderr", or files, which are opened now and start anew at
// midnight under the name of the day that ended.
func New(paths []string, level Level) (*Logger, error) {
	l := &Logger{level: level, now: time.Now}
	for _, path := range paths {
		switch path {
		case "-", "/dev/stdout":
			l.targets = append(l.targets, screen{os.Stdout})
		case "/dev/stderr":
			l.targets = append(l.targets, screen{os.Stderr})
		default:
			file, err := openFile(expand(path))
			if err != nil {
				return nil, fmt.Errorf("cannot log to %s: %w", path, err)
			}
			l.targets = append(l.targets, file)
		}
	}
	return l, nil
}

// SetStyle gives the style and writes what was held back.
func (l *Logger) SetStyle(style Style) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.style = &style
	for _, held := range l.held {
		l.write(held)
	}
	l.held = nil
}

// Flush writes what was not written yet: how many lines were omitted, and, in the plain style if no release was found, what
// is held back.
func (l *Logger) Flush() {
	l.mu.Lock()
	l.summarize(l.now(), true)
	waiting := l.style == nil
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
func (l *Logger) Debugf(format string, a ...any) { l.log(Debug, format, a) }

// Infof logs at INFO.
func (l *Logger) Infof(format string, a ...any) { l.log(Info, format, a) }

// Warningf logs at WARNING.
func (l *Logger) Warningf(format string, a ...any) { l.log(Warning, format, a) }

// Errorf logs at ERROR.
func (l *Logger) Errorf(format string, a ...any) { l.log(Error, format, a) }

// Logf logs at a level that somebody else has chosen.
func (l *Logger) Logf(level Level, format string, a ...any) { l.log(level, format, a) }

func (l *Logger) log(level Level, format string, a []any) {
	if l == nil || level < l.level {
		return
	}
	entry := line{at: l.now(), level: level, text: fmt.Sprintf(format, a...)}
	if caller, file, number, ok := runtime.Caller(2); ok {
		name := runtime.FuncForPC(caller).Name()
		entry.function = name[strings.LastIndexByte(name, '.')+1:]
		entry.module = strings.TrimSuffix(filepath.Base(file), ".go")
		entry.number = number
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.summarize(entry.at, false)
	if l.admit(floodKey{level, format}, entry) {
		l.put(entry)
	}
}

// put writes a line, or holds it back. It needs l.mu held.
func (l *Logger) put(entry line) {
	if l.style == nil {
		l.held = append(l.held, entry)
		return
	}
	l.write(entry)
}

// write needs l.mu held.
func (l *Logger) write(entry line) {
	for _, target := range l.targets {
		format := l.style.Screen
		if target.file() {
			format = l.style.File
		}
		// There is nobody to tell when a log cannot be written, and a full disk must not stop the workers.
		_, _ = io.WriteString(target, render(format, l.style.Levels, entry)+"\n")
	}
}

// render fills in a format of Python's logging with what Scaler's ones name.
func render(format string, levels map[Level]string, entry line) string {
	return strings.NewReplacer(
		"%(asctime)s", entry.at.Format("2006-01-02 15:04:05-0700"),
		"%(levelname)s", levels[entry.level],
		"%(message)s", entry.text,
		"%(process)d", fmt.Sprint(os.Getpid()),
		"%(name)s", "scaler.native",
		"%(module)s", entry.module,
		"%(funcName)s", entry.function,
		"%(lineno)s", fmt.Sprint(entry.number),
		"%(lineno)d", fmt.Sprint(entry.number),
	).Replace(format)
}

// variable is what os.path.expandvars takes for one; os.Expand takes more, and leaves no unknown one as it stands.
var variable = regexp.MustCompile(`\$(\w+|\{[^}]*\})`)

// expand reads ~ and $NAME in a path as Scaler does.
func expand(path string) string {
	if home, err := os.UserHomeDir(); err == nil && (path == "~" || strings.HasPrefix(path, "~/")) {
		path = home + path[1:]
	}
	return variable.ReplaceAllStringFunc(path, func(text string) string {
		if value, ok := os.LookupEnv(strings.Trim(text, "${}")); ok {
			return value
		}
		return text
	})
}
