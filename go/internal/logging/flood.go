package logging

import (
	"fmt"
	"math"
	"time"
)

// Within floodWindow, a warning or error is written at most maxSame times, and different ones with the same format
// string at most maxSimilar times. A fork that kept failing once wrote 51,000 lines in 18 s, which hid all others.
// Lines at INFO are not limited: each is about another worker.
const (
	floodWindow = 10 * time.Second
	maxSame     = 5
	maxSimilar  = 50
)

// flood counts the lines with one format string and level.
type flood struct {
	begun   time.Time
	texts   map[string]int // number of lines written since, by text
	written int
	omitted int
	last    line // last omitted line
}

// floodKey identifies lines that are alike.
type floodKey struct {
	level  Level
	format string
}

// allow reports whether to write a line, and counts it if not. l.mu must be held.
func (l *Logger) allow(key floodKey, entry line) bool {
	if key.level < Warning {
		return true
	}
	f := l.floods[key]
	if f == nil || entry.at.Sub(f.begun) >= floodWindow {
		// summarize has reported the lines omitted in the previous window.
		f = &flood{begun: entry.at, texts: map[string]int{}}
		if l.floods == nil {
			l.floods = map[floodKey]*flood{}
		}
		l.floods[key] = f
	}
	if f.written >= maxSimilar || f.texts[entry.text] >= maxSame {
		f.omitted++
		f.last = entry
		return false
	}
	f.texts[entry.text]++
	f.written++
	return true
}

// summarize writes the number of lines omitted in each window that has ended, or in all. There is no timer: the next
// line of any kind or Flush calls it. l.mu must be held.
func (l *Logger) summarize(now time.Time, all bool) {
	for key, f := range l.floods {
		if !all && now.Sub(f.begun) < floodWindow {
			continue
		}
		delete(l.floods, key)
		if f.omitted == 0 {
			continue
		}
		summary := f.last
		summary.at = now
		seconds := math.Ceil(max(f.last.at.Sub(f.begun).Seconds(), 1))
		summary.omitted = f.omitted
		summary.text = fmt.Sprintf("... %d more lines like this within %.0f s: %s", f.omitted, seconds, f.last.text)
		l.writeOrBuffer(summary)
	}
}
