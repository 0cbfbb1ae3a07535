//go:build !linux

package affinity

import "errors"

// Allowed returns an error: CPU affinity is only supported on Linux.
func Allowed() ([]int, error) {
	return nil, errors.New("CPU affinity is only supported on Linux")
}
