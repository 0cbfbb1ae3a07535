package logging

import (
	"os"
	"time"
)

type screen struct{ *os.File }

func (screen) file() bool { return false }

// rotating is a file that is renamed at the first line of a new day, as Python's
// TimedRotatingFileHandler does with when="midnight".
type rotating struct {
	path string
	day  string // of the lines in it
	open *os.File
}

func openFile(path string) (*rotating, error) {
	r := &rotating{path: path, day: time.Now().Format(time.DateOnly)}
	// An older file's lines are of the day that it was last written to.
	if info, err := os.Stat(path); err == nil {
		r.day = info.ModTime().Format(time.DateOnly)
	}
	return r, r.reopen()
}

func (r *rotating) file() bool { return true }

func (r *rotating) Write(text []byte) (int, error) {
	if today := time.Now().Format(time.DateOnly); today != r.day {
		// A file that cannot be renamed goes on under its name.
		_ = os.Rename(r.path, r.path+"."+r.day)
		r.day = today
		if err := r.reopen(); err != nil {
			return 0, err
		}
	}
	return r.open.Write(text)
}

func (r *rotating) reopen() error {
	file, err := os.OpenFile(r.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	if r.open != nil {
		r.open.Close()
	}
	r.open = file
	return nil
}
