package logging

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"
)

type target interface {
	io.Writer
	// isFile reports whether the target is a file, which may have a format of its own.
	isFile() bool
}

// openTargets opens the paths of New.
func openTargets(paths []string) (targets []target, err error) {
	for _, path := range paths {
		switch path {
		case "-", "/dev/stdout":
			targets = append(targets, &standardStream{file: os.Stdout})
		case "/dev/stderr":
			targets = append(targets, &standardStream{file: os.Stderr})
		default:
			file, err := openFile(expand(path))
			if err != nil {
				return nil, fmt.Errorf("cannot log to %s: %w", path, err)
			}
			targets = append(targets, file)
		}
	}
	return targets, nil
}

// variablePattern matches what Python's os.path.expandvars expands. os.Expand expands more, and removes unknown
// variables.
var variablePattern = regexp.MustCompile(`\$(\w+|\{[^}]*\})`)

// expand expands ~ and $NAME in a path as Scaler does.
func expand(path string) string {
	if home, err := os.UserHomeDir(); err == nil && (path == "~" || strings.HasPrefix(path, "~/")) {
		path = home + path[1:]
	}
	return variablePattern.ReplaceAllStringFunc(path, func(text string) string {
		if value, ok := os.LookupEnv(strings.Trim(text, "${}")); ok {
			return value
		}
		return text
	})
}

// rotatingFile is a file that is renamed before the first line of a new day, like Python's TimedRotatingFileHandler
// with when="midnight".
type rotatingFile struct {
	path   string
	day    string // of the lines in it
	opened *os.File
}

func openFile(path string) (*rotatingFile, error) {
	r := &rotatingFile{path: path, day: time.Now().Format(time.DateOnly)}
	// An existing file has lines of the day on which it was last written to.
	if info, err := os.Stat(path); err == nil {
		r.day = info.ModTime().Format(time.DateOnly)
	}
	return r, r.reopen()
}

func (r *rotatingFile) isFile() bool { return true }

func (r *rotatingFile) Write(text []byte) (int, error) {
	if today := time.Now().Format(time.DateOnly); today != r.day && r.isRegular() {
		// If the file cannot be renamed, keep writing to it.
		_ = os.Rename(r.path, r.path+"."+r.day)
		r.day = today
		if err := r.reopen(); err != nil {
			return 0, err
		}
	}
	return r.opened.Write(text)
}

// isRegular reports whether the path may be renamed: a device or a pipe may not, because others use it too.
func (r *rotatingFile) isRegular() bool {
	info, err := os.Stat(r.path)
	return err != nil || info.Mode().IsRegular()
}

func (r *rotatingFile) reopen() error {
	file, err := os.OpenFile(r.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if r.opened != nil {
		r.opened.Close()
	}
	r.opened = file
	return nil
}
