package message

import "math"

// Desired returns the number of workers that a scheduler requests of a manager with these capabilities: the sum over
// the requests whose capabilities, names and values, the manager has. A request without any applies to every manager.
// The sum saturates at math.MaxInt.
//
// Upstream counts the same way (2.6.0, 2.9.0; 2.1.10 and 2.3.3 fail on a request with capabilities). If a name occurs
// more than once, the last value counts, as there.
func Desired(requests []Request, own []Capability) int {
	has := valuesByName(own)
	total := 0
	for _, request := range requests {
		if !covers(has, valuesByName(request.Capabilities)) {
			continue
		}
		if uint64(request.TaskConcurrency) > uint64(math.MaxInt-total) {
			return math.MaxInt
		}
		total += int(request.TaskConcurrency)
	}
	return total
}

func valuesByName(capabilities []Capability) map[string]int64 {
	values := make(map[string]int64, len(capabilities))
	for _, capability := range capabilities {
		values[capability.Name] = capability.Value
	}
	return values
}

func covers(has, wanted map[string]int64) bool {
	for name, value := range wanted {
		if own, ok := has[name]; !ok || own != value {
			return false
		}
	}
	return true
}
