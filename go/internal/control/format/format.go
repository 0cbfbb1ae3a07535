// Package format writes what a manager says for people: sizes, ages, names, and tables of them.
package format

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Size is a number of bytes, as "12.3 MB".
func Size(bytes uint64) string {
	value, unit := float64(bytes), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		// What would be rounded to 1000 has the next unit already.
		if value < 999.95 {
			break
		}
		value, unit = value/1000, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", value, unit)
}

// Age is a duration in seconds, as "3m20s", of its two largest units.
func Age(seconds float64) string {
	switch whole := int64(seconds); {
	case seconds < 0:
		return "0.0s" // a clock was set back
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

// Interval is a duration in seconds that may be short, as "1.2 ms".
func Interval(seconds float64) string {
	switch {
	case seconds < 0.99995:
		return fmt.Sprintf("%.1f ms", seconds*1000)
	case seconds < 60:
		return fmt.Sprintf("%.1f s", seconds)
	}
	return Age(seconds)
}

// Count is a number with what it counts, as "1 worker" and "2 workers".
func Count[N int | uint64](number N, noun string) string {
	if number == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", number, noun)
}

// ends is how much of an identity is random enough to name a worker.
const ends = 8

// Short is the end of a worker's id, which names it as the whole does.
func Short(id string) string {
	runes := []rune(id)
	return string(runes[max(0, len(runes)-ends):])
}

// Clean is text without what a terminal takes for an order. Lines and tabs of it stay if it may have lines.
func Clean(text string, lines bool) string {
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

// Width is how many columns of a terminal text takes.
func Width(text string) (columns int) {
	for _, r := range text {
		columns += RuneWidth(r)
	}
	return columns
}

// RuneWidth is 2 for ideographs and pictures and 0 for what changes the character before it.
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

// Cut is text in at most so many columns; what is cut off is marked.
func Cut(text string, columns int) string {
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
