package logging

import (
	"fmt"
	"math"
	"time"
)

// In a window of this length a warning or error is written at most maxSame times, and different ones of the same format
// at most maxAlike times: 51,000 lines in 18 s, as of a fork that fails again and again, hide every other. Lines at
// INFO are not limited: each tells of another worker.
const (
	floodWindow = 10 * time.Second
	maxSame     = 5
	maxAlike    = 50
)

// flood counts the lines of one format and level.
type flood struct {
	begun   time.Time
	texts   map[string]int // those written since then
	written int
	omitted int
	last    line // of the omitted
}

// floodKey names the lines that are alike.
type floodKey struct {
	level  Level
	format string
}

// admit tells whether a line is to be written, and counts it if not. It needs l.mu held.
func (l *Logger) admit(key floodKey, entry line) bool {
	if key.level < Warning {
		return true
	}
	f := l.floods[key]
	if f == nil || entry.at.Sub(f.begun) >= floodWindow {
		// What was omitted in the old window has been written by summarize.
		f = &flood{begun: entry.at, texts: map[string]int{}}
		if l.floods == nil {
			l.floods = map[floodKey]*flood{}
		}
		l.floods[key] = f
	}
	if f.written >= maxAlike || f.texts[entry.text] >= maxSame {
		f.omitted++
		f.last = entry
		return false
	}
	f.texts[entry.text]++
	f.written++
	return true
}

// summarize writes how many lines were omitted in the windows that have ended at a time. There is no timer: the next
// line of any kind brings it, or Flush. It needs l.mu held.
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
		l.put(summary)
	}
}
