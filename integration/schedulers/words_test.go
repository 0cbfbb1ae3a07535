package schedulers

import (
	"regexp"
	"strings"

	"github.com/scaler-native/scaler-native/integration/internal/cluster"
)

// Patterns of log lines, as loose as the tests allow.
var (
	// wordsWaiting: the scheduler cannot be reached or does not answer, and the manager tries again.
	wordsWaiting = regexp.MustCompile(`(?i)(cannot|could not).*(again|retry|waiting)|no answer`)
	// wordsNotScheduler: the peer is no scheduler.
	wordsNotScheduler = regexp.MustCompile(`(?i)(not|no) (a |an )?(scaler )?scheduler|` +
		`neither YMQ nor ZMQ|protocol|magic|(cannot|could not).*scheduler`)
	// wordsBadMessage: the scheduler sent something that is no message.
	wordsBadMessage = regexp.MustCompile(`(?i)cannot|could not|invalid|malformed|not a|unknown|` +
		`too (large|big|long)|exceeds|limit`)
	// wordsNoScaler: the interpreter has no Scaler.
	wordsNoScaler = regexp.MustCompile(`(?i)(no|not|cannot|without).*scaler|scaler.*(not|no|cannot|missing)`)
	// wordsNoPython: there is no interpreter at the given path.
	wordsNoPython = regexp.MustCompile(`(?i)python.*(cannot|not|no such|directory|missing)|(cannot|not|no such).*python`)
)

// namesGenerations tells whether a line names the generation of the installed workers, by their release or its wire,
// and the scheduler's.
func namesGenerations(line string, workers cluster.Release) bool {
	return strings.Contains(line, string(workers)) &&
		regexp.MustCompile(`(?i)scheduler`).MatchString(line) &&
		regexp.MustCompile(`(?i)generation|imperative|hybrid|declarative|dialect|YMQ|ZMQ|protocol|version`).MatchString(line)
}
