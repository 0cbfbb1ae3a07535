package message

import "math"

// Desired is how many workers the requests want of a manager with these capabilities:
// the sum over the requests whose capabilities it all has, name and value. A request
// without any suits every manager. The sum stops at the largest int.
//
// It equals upstream's own count (2.6.0, 2.9.0; in 2.1.10 and 2.3.3 that fails for a
// request that has capabilities). As there, the last of several values of one name counts.
func Desired(requests []Request, own []Capability) int {
	has := valueOf(own)
	total := 0
	for _, request := range requests {
		if !covers(has, valueOf(request.Capabilities)) {
			continue
		}
		if uint64(request.TaskConcurrency) > uint64(math.MaxInt-total) {
			return math.MaxInt
		}
		total += int(request.TaskConcurrency)
	}
	return total
}

func valueOf(capabilities []Capability) map[string]int64 {
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
