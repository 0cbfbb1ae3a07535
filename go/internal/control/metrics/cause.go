package metrics

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// otherCause is of the deaths whose cause is none that is known: a label must not have as many values as there are texts.
const otherCause = "other"

// causesAtZero are told before there is one, as rate() does not see the first of a series that begins with it.
var causesAtZero = []string{"SIGKILL", "SIGSEGV", "exit 1", otherCause}

// deaths adds up by cause. Known are signals, as "SIGKILL", and exit statuses, as "exit 1".
func deaths(m *state.Manager) map[string]int {
	counts := make(map[string]int, len(causesAtZero))
	for _, cause := range causesAtZero {
		counts[cause] = 0
	}
	for cause, count := range m.Workers.Deaths {
		if !known(cause) {
			cause = otherCause
		}
		counts[cause] += count
	}
	return counts
}

func known(cause string) bool {
	if digits, ok := strings.CutPrefix(cause, "exit "); ok {
		status, err := strconv.ParseUint(digits, 10, 8)
		return err == nil && strconv.FormatUint(status, 10) == digits
	}
	return unix.SignalNum(cause) != 0
}
