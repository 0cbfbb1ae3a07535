package message

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Dialect is the protocol of a range of Scaler releases.
type Dialect int

// Dialects, oldest first. The zero Dialect is none of them.
const (
	Imperative   Dialect = iota + 1 // start this, stop that; every command is answered
	Hybrid                          // the same, or the number of workers wanted
	Declarative                     // only the number of workers wanted, never answered
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

// NoTag stands for a message that a dialect does not have.
const NoTag uint16 = 0xFFFF

// Tags are the discriminants of the messages in a dialect. The installed Scaler may
// report others than the table has, if it is newer.
type Tags struct{ Heartbeat, Echo, Command, Response uint16 }

// table has the facts of each dialect, indexed by it.
var table = [...]struct {
	name        string
	first, last string // published releases
	tags        Tags
	published   [2]uint16 // first and last tag of the messages for monitors, StateClient to StateGraphTask
	generation  Generation
}{
	Imperative:   {"imperative", "1.26.0", "2.0.20", Tags{25, 26, 27, 28}, [2]uint16{13, 19}, ImperativeCommands},
	Hybrid:       {"hybrid", "2.1.2", "2.3.3", Tags{25, 26, 27, 28}, [2]uint16{13, 19}, HybridCommands},
	Declarative:  {"declarative", "2.3.5", "2.6.0", Tags{25, 26, 27, NoTag}, [2]uint16{13, 19}, DeclarativeCommands},
	Declarative2: {"declarative 2", "2.7.0", "", Tags{23, 24, 25, NoTag}, [2]uint16{11, 17}, DeclarativeCommands},
}

// starts has the first release number, published or not, that counts as a dialect's.
var starts = [...]struct {
	release [3]int
	dialect Dialect
}{
	{[3]int{2, 7, 0}, Declarative2},
	{[3]int{2, 3, 4}, Declarative},
	{[3]int{2, 1, 0}, Hybrid},
	{[3]int{1, 26, 0}, Imperative},
}

// latest is the newest release, by its first two numbers, from which the table was read.
var latest = [3]int{2, 9, 0}

// Known tells whether a version is that of a release whose messages are surely as the table has them.
func Known(version string) bool {
	release, err := parseRelease(version)
	if err != nil {
		return false
	}
	release[2] = 0
	return !older(release, [3]int{1, 26, 0}) && !older(latest, release)
}

// ErrVersion is returned for a version that is no release number, or is older than 1.26.0.
var ErrVersion = errors.New("unknown Scaler version")

// DialectOf tells the dialect of a release such as "2.6.0", "2.7" or "2.9.0rc1". Of a
// release newer than all known ones it returns the newest dialect.
func DialectOf(version string) (Dialect, error) {
	release, err := parseRelease(version)
	if err != nil {
		return 0, fmt.Errorf("cannot tell the protocol of Scaler %q: %w", version, err)
	}
	for _, start := range starts {
		if !older(release, start.release) {
			return start.dialect, nil
		}
	}
	return 0, fmt.Errorf("cannot speak to Scaler %s, only to 1.26.0 and newer: %w", version, ErrVersion)
}

// parseRelease reads the first three numbers and takes missing ones as 0. What follows
// a number, as in "0rc1" or "0+local", does not matter.
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

// Tags returns the dialect's discriminants as known from published releases.
func (d Dialect) Tags() Tags { return table[d].tags }

// publishes tells whether a tag is that of a message for monitors.
func (d Dialect) publishes(tag uint16) bool {
	return table[d].published[0] <= tag && tag <= table[d].published[1]
}

// Generation returns the layout of the dialect's commands.
func (d Dialect) Generation() Generation { return table[d].generation }

// Answers reports whether a command of the dialect is answered with a Response.
func (d Dialect) Answers() bool { return table[d].tags.Response != NoTag }

// Releases names the range of releases, as in "2.3.5 to 2.6.0" or "2.7.0 or newer".
func (d Dialect) Releases() string {
	if table[d].last == "" {
		return table[d].first + " or newer"
	}
	return table[d].first + " to " + table[d].last
}

func (d Dialect) String() string { return table[d].name }
