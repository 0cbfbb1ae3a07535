// Package format renders the state of a manager for people: durations, counts, ids and tables.
package format

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Age formats a duration in seconds with its two largest units, e.g. "3m20s".
func Age(seconds float64) string {
	switch whole := int64(seconds); {
	case seconds < 0:
		return "0.0s" // the clock was set back
	case seconds < 9.95:
		return fmt.Sprintf("%.1fs", seconds)
	case whole < 60:
		return fmt.Sprintf("%ds", whole)
	case whole < 3600:
		return fmt.Sprintf("%dm%02ds", whole/60, whole%60)
	case whole < 24*3600:
		return fmt.Sprintf("%dh%02dm", whole/3600, whole/60%60)
	default:
		return fmt.Sprintf("%dd%02dh", whole/(24*3600), whole/3600%24)
	}
}

// Interval formats a duration in seconds that may be short, e.g. "1.2 ms".
func Interval(seconds float64) string {
	switch {
	case seconds < 0.99995:
		return fmt.Sprintf("%.1f ms", seconds*1000)
	case seconds < 60:
		return fmt.Sprintf("%.1f s", seconds)
	}
	return Age(seconds)
}

// Count formats a number with its noun, e.g. "1 worker" and "2 workers".
func Count[N int | uint64](number N, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}

// Pid formats a pid, and 0 as "-": the process has not started.
func Pid(pid int) string {
	if pid == 0 {
		return "-"
	}
	return strconv.Itoa(pid)
}

// shortLength is the number of characters at the end of a worker's id that are unlikely to recur.
const shortLength = 8

// Short returns the end of a worker's id, which is random and so names the worker.
func Short(id string) string {
	runes := []rune(id)
	return string(runes[max(0, len(runes)-shortLength):])
}

// Sanitize replaces what a terminal could interpret as a control sequence. It keeps newlines and tabs if lines is set.
func Sanitize(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case lines && (r == '\n' || r == '\t'):
			return r
		case !unicode.IsPrint(r):
			return utf8.RuneError
		}
		return r
	}, text)
}

// Width returns the number of terminal columns that text takes.
func Width(text string) (columns int) {
	for _, r := range text {
		columns += RuneWidth(r)
	}
	return columns
}

// RuneWidth returns 2 for ideographs and emoji, 0 for combining characters, and 1 for others.
func RuneWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana),
		r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	}
	return 1
}

// Truncate shortens text to a number of columns. A "~" at its end marks that it was cut.
func Truncate(text string, columns int) string {
	if Width(text) <= columns {
		return text
	}
	used := 0
	for i, r := range text {
		if used+RuneWidth(r) > columns-1 {
			return text[:i] + strings.Repeat("~", min(1, max(0, columns-used)))
		}
		used += RuneWidth(r)
	}
	return text
}
