package metrics

import (
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/scaler-native/scaler-native/go/internal/control/state"
)

// otherCause stands for all causes that are not known: the number of values of a label must be bounded.
const otherCause = "other"

// causesAtZero are exported as 0 from the start: rate() misses the first increment of a series that begins with it.
var causesAtZero = []string{"SIGKILL", "SIGSEGV", "exit 1", otherCause}

// deaths counts deaths by cause: a signal ("SIGKILL"), an exit status ("exit 1"), or otherCause.
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
