package affinity

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Set is a list of CPU numbers.
type Set []int

// String returns the set in ascending order with ranges, such as "0-3,8".
func (s Set) String() string {
	var parts []string
	sorted := slices.Sorted(slices.Values(s))
	for i := 0; i < len(sorted); i++ {
		first := i
		for i+1 < len(sorted) && sorted[i+1] == sorted[i]+1 {
			i++
		}
		part := strconv.Itoa(sorted[first])
		if i > first {
			part += "-" + strconv.Itoa(sorted[i])
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

// highest limits CPU numbers, so that a typing error does not exhaust memory. Linux supports 8192 CPUs.
const highest = 1<<16 - 1

// parseList reads "0-3,8", keeping the order of the text. A CPU that is named twice counts once.
func parseList(text string) (Set, error) {
	var set Set
	seen := map[int]bool{}
	for _, part := range strings.Split(text, ",") {
		first, last, isRange := strings.Cut(strings.TrimSpace(part), "-")
		from, err := parseCPU(first)
		if err != nil {
			return nil, err
		}
		to := from
		if isRange {
			if to, err = parseCPU(last); err != nil {
				return nil, err
			}
		}
		if to < from {
			return nil, fmt.Errorf("the range %s is the wrong way round", part)
		}
		for cpu := from; cpu <= to; cpu++ {
			if !seen[cpu] {
				set = append(set, cpu)
				seen[cpu] = true
			}
		}
	}
	return set, nil
}

func parseCPU(text string) (int, error) {
	if text == "" {
		return 0, errors.New("a number is missing")
	}
	cpu, err := strconv.ParseUint(text, 10, 32)
	if err != nil || cpu > highest {
		return 0, fmt.Errorf("%q is not the number of a CPU", text)
	}
	return int(cpu), nil
}
