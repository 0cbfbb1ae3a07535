package message

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Dialect is the version of the protocol that a range of Scaler releases have in common.
type Dialect int

// Dialects, oldest first. The zero Dialect is none of them.
const (
	Imperative   Dialect = iota + 1 // commands start or stop workers, and are answered
	Hybrid                          // the same, or set the desired number of workers
	Declarative                     // commands set the desired number of workers, and are not answered
	Declarative2                    // the same, with other tags
)

// Dialects lists all of them, oldest first.
var Dialects = []Dialect{Imperative, Hybrid, Declarative, Declarative2}

// Generation is the layout of a dialect's commands.
type Generation int

// Generations, oldest first. The zero Generation is none of them.
const (
	ImperativeCommands Generation = iota + 1
	HybridCommands
	DeclarativeCommands
)

func (g Generation) String() string {
	return [...]string{"none", "imperative", "hybrid", "declarative"}[g]
}

// NoTag is the tag of a message that a dialect does not have.
const NoTag uint16 = 0xFFFF

// Tags are the union tags of a dialect's messages. A Scaler release newer than the table may have others.
type Tags struct{ Heartbeat, Echo, Command, Response uint16 }

// table describes the dialects. The index is the Dialect.
var table = [...]struct {
	name        string
	first, last string // releases
	tags        Tags
	published   [2]uint16 // tags of messages for monitors: StateClient to StateGraphTask
	generation  Generation
}{
	Imperative:   {"imperative", "1.26.0", "2.0.20", Tags{25, 26, 27, 28}, [2]uint16{13, 19}, ImperativeCommands},
	Hybrid:       {"hybrid", "2.1.2", "2.3.3", Tags{25, 26, 27, 28}, [2]uint16{13, 19}, HybridCommands},
	Declarative:  {"declarative", "2.3.5", "2.6.0", Tags{25, 26, 27, NoTag}, [2]uint16{13, 19}, DeclarativeCommands},
	Declarative2: {"declarative 2", "2.7.0", "", Tags{23, 24, 25, NoTag}, [2]uint16{11, 17}, DeclarativeCommands},
}

// firstReleases has the first version number, published or not, that counts as each dialect.
var firstReleases = [...]struct {
	release [3]int
	dialect Dialect
}{
	{[3]int{2, 7, 0}, Declarative2},
	{[3]int{2, 3, 4}, Declarative},
	{[3]int{2, 1, 0}, Hybrid},
	{[3]int{1, 26, 0}, Imperative},
}

// latest is the newest minor release that table was checked against.
var latest = [3]int{2, 9, 0}

// Known reports whether table was checked against the minor release of a version.
func Known(version string) bool {
	release, err := parseRelease(version)
	if err != nil {
		return false
	}
	release[2] = 0
	return !older(release, [3]int{1, 26, 0}) && !older(latest, release)
}

// ErrVersion means that a version is not a version number, or is older than 1.26.0.
var ErrVersion = errors.New("unknown Scaler version")

// DialectOf returns the dialect of a version such as "2.6.0", "2.7" or "2.9.0rc1": the newest one for a version newer
// than all known ones.
func DialectOf(version string) (Dialect, error) {
	release, err := parseRelease(version)
	if err != nil {
		return 0, fmt.Errorf("cannot determine the protocol of Scaler %q: %w", version, err)
	}
	for _, start := range firstReleases {
		if !older(release, start.release) {
			return start.dialect, nil
		}
	}
	return 0, fmt.Errorf("Scaler %s is not supported, only 1.26.0 or newer: %w", version, ErrVersion)
}

// parseRelease parses the first three numbers. Missing ones are 0. It ignores suffixes, as in "0rc1" or "0+local".
func parseRelease(version string) (release [3]int, err error) {
	version, _, _ = strings.Cut(strings.TrimSpace(version), "+")
	for i, part := range strings.SplitN(version, ".", 4) {
		if i == len(release) {
			break
		}
		digits := part[:len(part)-len(strings.TrimLeft(part, "0123456789"))]
		if digits == "" && i > 0 {
			break
		}
		if release[i], err = strconv.Atoi(digits); err != nil {
			return release, ErrVersion
		}
	}
	return release, nil
}

func older(a, b [3]int) bool {
	for i := range a {
		if a[i] != b[i] {
			return a[i] < b[i]
		}
	}
	return false
}

// Tags returns the tags of the dialect's messages.
func (d Dialect) Tags() Tags { return table[d].tags }

// publishes reports whether a tag is that of a message for monitors.
func (d Dialect) publishes(tag uint16) bool {
	return table[d].published[0] <= tag && tag <= table[d].published[1]
}

// Generation returns the layout of the dialect's commands.
func (d Dialect) Generation() Generation { return table[d].generation }

// Answers reports whether a command of the dialect is answered with a Response.
func (d Dialect) Answers() bool { return table[d].tags.Response != NoTag }

// Releases describes the range of releases, e.g. "2.3.5 to 2.6.0" or "2.7.0 or newer".
func (d Dialect) Releases() string {
	if table[d].last == "" {
		return table[d].first + " or newer"
	}
	return table[d].first + " to " + table[d].last
}

func (d Dialect) String() string { return table[d].name }
